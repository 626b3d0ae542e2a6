/** @file Data for one figure of each registered chart; a chart without an entry does not compile. */
import type { charts } from './index';

type Data<Id extends keyof typeof charts> = Parameters<(typeof charts)[Id]['figure']>[0];

const grid = Array.from({ length: 41 }, (_, i) => -2 + i / 10);
const bands: Data<'regression-bands'> = {
  x: grid,
  mean: grid.map((x) => Math.sin(x)),
  total: grid.map((x) => Math.hypot(0.2, 0.1 * x)),
  aleatoric: grid.map(() => 0.2),
  epistemic: grid.map((x) => 0.1 * Math.abs(x)),
  exact: { mean: grid.map((x) => 0.9 * Math.sin(x)), total: grid.map(() => 0.3), epistemic: grid.map(() => 0.1) },
  train: { x: [-1, 0, 1], y: [-0.8, 0.1, 0.9] },
  test: { x: [-0.5, 0.5], y: [-0.4, 0.6] },
  target: { name: 'strength', unit: 'MPa' },
};
const steps = Float64Array.from({ length: 5000 }, (_, i) => i);

export const examples: { readonly [Id in keyof typeof charts]: Data<Id> } = {
  'learning-curve': {
    series: [
      { name: 'NLL', role: 'nll', x: steps, y: steps.map((i) => 2 * Math.exp(-i / 900) + 0.1 + (((i * 7919) % 101) - 50) / 2000) },
      { name: 'validation', role: 'validation', x: [1000, 2000, 3000, 4000], y: [0.9, 0.4, NaN, 0.3] },
    ],
    xLabel: 'Step',
    yLabel: 'NLL',
    yUnit: 'nats',
    logY: true,
  },
  'prior-density': { w: grid, logDensity: grid.map((x) => -2 * x * x) },
  'class-histogram': { classes: ['zero', 'one', 'two'], count: [5923, 6742, 5958] },
  'regression-scatter': { x: [-1.2, 0.3, 2.5], y: [0.1, 12, 7] },
  'reliability-diagram': { confidence: [0.2, 0.5, 0, 0.9], accuracy: [0.1, 0.55, 0, 0.88], count: [10, 40, 0, 950], ece: 0.0215 },
  'confidence-histogram': { count: [0, 3, 40, 900] },
  'quantile-calibration': {
    levels: [0.25, 0.5, 0.75],
    series: [
      { name: 'As predicted', share: [0.35, 0.5, 0.62] },
      { name: 'Isotonic regression', share: [0.26, 0.5, 0.74] },
    ],
  },
  'confusion-matrix': {
    classes: ['cat', 'dog', 'owl'],
    counts: [
      [50, 2, 0],
      [7, 40, 1],
      [0, 0, 9],
    ],
  },
  'uncertainty-histogram': { edges: [0, 0.5, 1, 1.5], total: [900, 80, 20], aleatoric: [930, 70, 0], epistemic: [990, 10, 0] },
  'rejection-curve': {
    label: Array.from({ length: 200 }, () => 1),
    predicted: Array.from({ length: 200 }, (_, i) => (i % 9 === 0 && i > 60 ? 0 : 1)),
    total: Array.from({ length: 200 }, (_, i) => i / 100),
    epistemic: Array.from({ length: 200 }, (_, i) => ((i * 37) % 200) / 400),
  },
  'weight-course': {
    label: 'Mean μ',
    steps: [0, 100, 250],
    quantiles: [
      [-0.3, -0.4, -0.5],
      [-0.1, -0.2, -0.2],
      [0, 0.01, 0.02],
      [0.1, 0.15, 0.2],
      [0.3, 0.35, 0.6],
    ],
  },
  'weight-histogram': {
    label: 'Weight',
    edges: [-1, -0.5, 0, 0.5, 1],
    densities: [
      { name: 'means', density: [0.1, 0.9, 0.8, 0.2] },
      { name: 'prior', density: [0.3, 0.6, 0.6, 0.3] },
    ],
  },
  'class-probabilities': { classes: ['cat', 'dog', 'owl'], probabilities: [0.5, 0.3, 0.2], votes: [60, 30, 10], label: 1 },
  'regression-bands': bands,
  'regression-uncertainty': bands,
  'shift-histogram': {
    measure: 'Total entropy',
    edges: [0, 0.8, 1.6, 2.4],
    sets: [
      { title: 'Digits', rows: 1000, count: [950, 40, 10] },
      { title: 'Glyphs', rows: 500, count: [100, 150, 250] },
    ],
  },
  'survival-curves': {
    measure: 'Total entropy',
    curves: [
      { name: 'Digits', pair: 0, outside: false, x: [0, 1, 2], share: [0.9, 0.1, 0] },
      { name: 'Glyphs', pair: 0, outside: true, x: [0, 1, 2], share: [1, 0.8, 0.4] },
    ],
  },
  'rotated-classes': {
    classes: ['one', 'two', 'seven'],
    angles: [0, 59, 119, 179],
    probabilities: [
      [0.9, 0.06, 0.04],
      [0.3, 0.6, 0.1],
      [0.2, 0.3, 0.5],
      [0.8, 0.1, 0.1],
    ],
    label: 0,
  },
  'score-comparison': {
    score: 'RMSE',
    unit: 'MPa',
    better: 'lower',
    entries: [
      { name: 'MC dropout on Concrete', mean: 4.9, se: 0.12, train: { mean: 3.9, se: 0.05 } },
      { name: 'PBP', mean: 5.67, se: 0.09, source: 'Gal & Ghahramani (2016)' },
      { name: 'Deep ensemble', mean: 6.03, se: 0, source: 'Lakshminarayanan et al. (2017)' },
    ],
  },
  'precision-curve': {
    precision: [0.1, 1, 10, 100],
    values: [0.4, 0.2, 0.1, 0.3],
    label: 'NLL',
    unit: 'nats per row',
    role: 'nll',
    at: 1,
  },
  'chain-traces': {
    quantity: 'logit of cat, test row 3',
    steps: [10, 20, 30],
    traces: [
      [0.1, -0.4, 0.2],
      [1.2, 0.9, 1.1],
    ],
  },
  'response-curve': {
    x: [0, 90, 179],
    xLabel: 'Rotation',
    xUnit: '°',
    yLabel: 'Entropy',
    yUnit: 'nats',
    series: [
      { name: 'total', role: 'total', mean: [0.1, 1.2, 0.9], sd: [0.2, 0.4, 0.3] },
      { name: 'epistemic', role: 'epistemic', mean: [0.02, 0.6, 0.4] },
    ],
  },
};
