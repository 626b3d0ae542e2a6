/**
 * @file How near each method's predictive comes to that of long Hamiltonian chains, on nets so small that these can be run.
 * After Izmailov et al. (2021), What Are Bayesian Neural Network Posteriors Really Like?, sec. 6 and tab. 1.
 */
import type { RunSpecInput } from '../../src-main/contract/spec';
import { hostUniforms } from '../../src-main/engine/numerics/host-random';
import type { DataShape } from '../../src-main/engine/training/bayesian-model';
import type { Rows } from '../../src-main/engine/training/minibatches';
import { inferred } from './inferred';
import type { Posterior } from '../../src-main/engine/training/posterior';
import { distanceOfClasses, distanceOfFunctions } from './predictive-distance';
import { atLeast, atMost, type Figure, type Row } from './row';

interface Task {
  readonly id: 'classification' | 'regression';
  readonly group: string;
  readonly describe: string;
  readonly shape: Omit<DataShape, 'rows'>;
  readonly rows: Rows;
  /** Where predictives are compared. */
  readonly places: Float32Array;
  readonly document: Pick<RunSpecInput, 'architecture' | 'likelihood' | 'prior'>;
}

function normals(label: string): () => number {
  const uniform = hostUniforms(1, 0, label);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Three arms of a spiral, blurred so that they overlap. */
function spirals(count: number): Rows {
  const z = normals('spirals');
  const x = new Float32Array(2 * count);
  const y = Int32Array.from({ length: count }, (_, i) => i % 3);
  for (let i = 0; i < count; i++) {
    const along = Math.floor(i / 3) / (count / 3);
    const angle = 2 * along + (2 * Math.PI * y[i]!) / 3;
    x[2 * i] = (0.3 + 1.7 * along) * Math.cos(angle) + 0.25 * z();
    x[2 * i + 1] = (0.3 + 1.7 * along) * Math.sin(angle) + 0.25 * z();
  }
  return { rows: count, x, y };
}

/** A wave seen on two stretches, with a gap between them. */
function wave(count: number, noise: number): Rows {
  const z = normals('wave');
  const x = Float32Array.from({ length: count }, (_, i) => (i < count / 2 ? -1.5 + (2 * i) / count : 0.5 + (2 * (i - count / 2)) / count));
  return { rows: count, x, y: x.map((at) => Math.sin(2.5 * at) + noise * z()) };
}

const net = (units: number) => ({ layers: [{ kind: 'dense', settings: { units, activation: 'tanh' } }, { kind: 'output' }] });
const grid = (side: number, reach: number): Float32Array =>
  Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const place = i % 2 ? Math.floor(i / 2 / side) : Math.floor(i / 2) % side;
    return reach * ((2 * place) / (side - 1) - 1);
  });

const noise = 0.3;
const classification: Task = {
  id: 'classification',
  group: 'A small classification against long HMC chains',
  describe: '2-16-3, tanh, prior N(0, 1), 150 rows of three blurred spirals; compared at 441 places of [-3, 3]²',
  shape: { task: { kind: 'classification', outputs: 3 }, inputShape: [2] },
  rows: spirals(150),
  places: grid(21, 3),
  document: { architecture: net(16), likelihood: { id: 'categorical' }, prior: { id: 'gaussian', settings: { sd: 1 } } },
};
const regression: Task = {
  id: 'regression',
  group: 'A small regression against long HMC chains',
  describe: '1-10-1, tanh, prior N(0, 1), 30 rows of a wave with a gap, noise sd 0.3 known; compared at 81 places of [-2, 2]',
  shape: { task: { kind: 'regression', outputs: 1 }, inputShape: [1] },
  rows: wave(30, noise),
  places: Float32Array.from({ length: 81 }, (_, i) => -2 + i / 20),
  document: { architecture: net(10), likelihood: { id: 'gaussian', settings: { noise: 'fixed', sd: noise } }, prior: { id: 'gaussian', settings: { sd: 1 } } },
};

interface Contender {
  readonly id: string;
  readonly title: string;
  readonly method: { readonly id: string; readonly settings: { readonly [name: string]: string | number | boolean } };
  readonly epochs: number;
  readonly batchSize?: number;
  /** Of a method that follows the posterior itself, so that it must come as near as its draws allow. */
  readonly stepSize?: { readonly [task in Task['id']]: number };
}

const hmc = { id: 'hmc', settings: { chains: 6, leapfrogSteps: 30, stepSize: 0.02, draws: 150, burnIn: 0.25 } };
const trajectories = 1600;
const chains = { chains: 4, draws: 500, burnIn: 0.2 };
const adam = { optimiser: 'adam', learningRate: 0.01, rateSchedule: 'cosine' };
const fourDraws = { ...adam, draws: 4 };

const contenders: readonly Contender[] = [
  { id: 'sgld', title: 'SGLD', method: { id: 'sgld', settings: chains }, epochs: 40_000, stepSize: { classification: 1e-3, regression: 4e-4 } },
  { id: 'psgld', title: 'pSGLD', method: { id: 'psgld', settings: chains }, epochs: 40_000, stepSize: { classification: 1e-2, regression: 4e-3 } },
  {
    id: 'sghmc',
    title: 'SG-HMC',
    method: { id: 'sghmc', settings: { ...chains, preconditioner: 'none', friction: 0.05, clipping: 0 } },
    epochs: 20_000,
    stepSize: { classification: 0.02, regression: 0.01 },
  },
  {
    id: 'sgnht',
    title: 'SGNHT',
    method: { id: 'sgnht', settings: { ...chains, noise: 0.05 } },
    epochs: 20_000,
    stepSize: { classification: 0.02, regression: 0.01 },
  },
  { id: 'deep-ensemble', title: 'Deep ensemble', method: { id: 'deep-ensemble', settings: { ...adam, members: 20 } }, epochs: 2000 },
  { id: 'bootstrap-ensemble', title: 'Bootstrap ensemble', method: { id: 'bootstrap-ensemble', settings: { ...adam, members: 20 } }, epochs: 2000 },
  {
    id: 'snapshot-ensemble',
    title: 'Snapshot ensemble',
    method: { id: 'snapshot-ensemble', settings: { optimiser: 'sgd', learningRate: 0.05, cycles: 20 } },
    epochs: 4000,
    batchSize: 20,
  },
  { id: 'swa', title: 'SWA', method: { id: 'swa', settings: { optimiser: 'sgd', learningRate: 0.05 } }, epochs: 2000, batchSize: 20 },
  { id: 'swag', title: 'SWAG', method: { id: 'swag', settings: { optimiser: 'sgd', learningRate: 0.05 } }, epochs: 2000, batchSize: 20 },
  { id: 'laplace', title: 'Laplace, full, linearised', method: { id: 'laplace', settings: { ...adam, structure: 'full' } }, epochs: 2000 },
  { id: 'laplace-kfac', title: 'Laplace, KFAC, linearised', method: { id: 'laplace', settings: adam }, epochs: 2000 },
  {
    id: 'laplace-sampled',
    title: 'Laplace, full, at drawn weights',
    method: { id: 'laplace', settings: { ...adam, structure: 'full', prediction: 'sampling' } },
    epochs: 2000,
  },
  { id: 'bbp', title: 'Bayes by Backprop', method: { id: 'bbp', settings: { ...fourDraws, kl: 'closed-form', firstEpochDraws: 4 } }, epochs: 4000 },
  { id: 'local-reparametrisation', title: 'Local reparametrisation', method: { id: 'local-reparametrisation', settings: fourDraws }, epochs: 4000 },
  { id: 'flipout', title: 'Flipout', method: { id: 'flipout', settings: fourDraws }, epochs: 4000 },
  { id: 'radial', title: 'Radial', method: { id: 'radial', settings: fourDraws }, epochs: 4000 },
  { id: 'importance-weighted', title: 'Importance-weighted', method: { id: 'importance-weighted', settings: { ...adam, draws: 10 } }, epochs: 4000 },
  { id: 'sharpened-bbp', title: 'Posterior sharpening', method: { id: 'sharpened-bbp', settings: fourDraws }, epochs: 4000 },
  { id: 'variational-dropout', title: 'Variational Gaussian dropout', method: { id: 'variational-dropout', settings: fourDraws }, epochs: 4000 },
  { id: 'concrete-dropout', title: 'Concrete dropout', method: { id: 'concrete-dropout', settings: { ...adam, inputs: false } }, epochs: 2000 },
  { id: 'mc-dropout', title: 'MC dropout', method: { id: 'mc-dropout', settings: { ...adam, rate: 0.1 } }, epochs: 2000 },
  { id: 'map', title: 'MAP', method: { id: 'map', settings: adam }, epochs: 2000 },
];

const draws = 2000;

/** Trained with this seed, then predicted. */
const infer = <Predictive>(
  { document, shape, rows }: Task,
  { method, epochs, batchSize = 0 }: Pick<Contender, 'method' | 'epochs' | 'batchSize'>,
  seed: number,
  predict: (posterior: Posterior) => Promise<Predictive>,
): Promise<Predictive> =>
  inferred(
    { dataset: { id: 'rows' }, ...document, method, training: { epochs, batchSize, seed, validationFraction: 0, validateEvery: epochs } },
    shape,
    rows,
    predict,
  );

/** Made by the first row of a command that asks. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}

/** What is claimed of a method: `exact` of other chains of HMC, `sampler` of methods that follow the posterior itself; nothing of the others. */
type Claim = 'exact' | 'sampler' | 'none';
type Limits = { readonly [claim in Exclude<Claim, 'none'>]: number };

const figure = (name: string, value: number, claim: Claim, limits: Limits, hold: typeof atMost = atMost): Figure =>
  claim === 'none' ? { name, value, unit: '', target: 'no claim', holds: true } : hold(name, value, limits[claim], '', because[claim]);
const because = { exact: 'the same posterior', sampler: 'it samples the posterior' };

/** A row for other chains of HMC, the best that can be hoped for, and one for each method. */
function rowsOf<Predictive>(
  task: Task,
  predict: (posterior: Posterior) => Promise<Predictive>,
  compare: (own: Predictive, hmc: Predictive, claim: Claim) => readonly Figure[],
): Row[] {
  const long = (seed: number) => infer(task, { method: hmc, epochs: trajectories }, seed, predict);
  const reference = once(() => long(1));
  const row = (
    id: string,
    title: string,
    { method, how }: { method: Contender['method']; how: string },
    claim: Claim,
    make: () => Promise<Predictive>,
  ): Row => ({
    id: `${task.id}/${id}`,
    title,
    group: task.group,
    method: method.id,
    how: `${task.describe}; ${how}, ${Object.entries(method.settings)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}.`,
    minutes: 1,
    run: async () => compare(await make(), await reference(), claim),
  });
  return [
    row('hmc', 'HMC, other chains', { method: hmc, how: `${trajectories} trajectories of each chain, twice` }, 'exact', () => long(2)),
    ...contenders.map((contender) => {
      const { id, title, epochs, batchSize, stepSize } = contender;
      const how = `${epochs} epochs of ${batchSize ? `batch ${batchSize}` : 'all rows'}`;
      const method = stepSize ? { ...contender.method, settings: { ...contender.method.settings, stepSize: stepSize[task.id] } } : contender.method;
      return row(id, title, { method, how }, stepSize ? 'sampler' : 'none', () => infer(task, { ...contender, method }, 1, predict));
    }),
  ];
}

const places = { classes: classification.places.length / 2, functions: regression.places.length };
export const againstHmc: readonly Row[] = [
  ...rowsOf(
    classification,
    (posterior) => posterior.classify(classification.places, places.classes, { draws, seed: 1 }),
    (own, hmcs, claim) => {
      const { agreement, totalVariation } = distanceOfClasses(own, hmcs);
      return [
        figure('agreement', agreement, claim, { exact: 0.99, sampler: 0.98 }, atLeast),
        figure('total variation', totalVariation, claim, { exact: 0.01, sampler: 0.02 }),
      ];
    },
  ),
  ...rowsOf(
    regression,
    (posterior) => posterior.regress(regression.places, places.functions, { draws, seed: 1 }),
    (own, hmcs, claim) => {
      const { meanDifference, sdRatio, wasserstein } = distanceOfFunctions(own, hmcs);
      return [
        figure('difference of the means, in sd', meanDifference, claim, { exact: 0.1, sampler: 0.2 }),
        { name: 'ratio of the sd', value: sdRatio, unit: '', target: 'beside 1', holds: true },
        figure('Wasserstein-2, in sd', wasserstein, claim, { exact: 0.15, sampler: 0.3 }),
      ];
    },
  ),
];
