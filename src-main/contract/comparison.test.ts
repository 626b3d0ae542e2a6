import { expect, it } from 'vitest';
import { Catalogue } from './catalogue';
import { compareRuns, comparisonTable, coverageText, distinctNames, type ComparedRun } from './comparison';
import { RunId } from './ids';
import { Run } from './run';
import { settingsDiff } from './settings-diff';
import { RunSpec } from './spec';

const entry = (id: string, defaults: Record<string, number>) => ({
  id,
  title: id,
  reference: '',
  help: '',
  settings: { properties: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'number', default: value }])) },
});
const catalogue = Catalogue.parse({
  methods: [{ ...entry('bbp', { draws: 3 }), metrics: [], randomDraws: true, keepsDraws: false }],
  layers: [{ ...entry('dense', { units: 50 }), weights: true }],
  layerSwitches: {},
  priors: [entry('gaussian', { sd: 1 })],
  likelihoods: [],
  datasets: [],
  experiments: [],
  presets: [],
  training: {},
  compute: {},
});
const specOf = (change: Partial<RunSpec> = {}, seed = 1, name = 'a'): RunSpec =>
  RunSpec.parse({
    name,
    dataset: { id: 'drawn-digits' },
    architecture: { layers: [{ kind: 'dense' }, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method: { id: 'bbp' },
    training: { seed },
    ...change,
  });
let made = 0;
const ended = (spec: RunSpec, error: number): ComparedRun => ({
  run: Run.parse({
    id: RunId.parse(`run-${String(++made).padStart(6, '0')}`),
    name: spec.name,
    status: 'succeeded',
    spec,
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    deletedAt: null,
    progress: null,
    latest: { validationError: Number.isNaN(error) ? null : error },
    datasetHash: null,
    environment: null,
    error: null,
    hasCheckpoint: true,
    parameters: null,
  }),
  evaluation: null,
});

it('shows settings that differ, and takes a setting left out for its default', () => {
  const diff = settingsDiff(
    [specOf(), specOf({ method: { id: 'bbp', settings: { draws: 3 } } }, 2, 'b'), specOf({ prior: { id: 'gaussian', settings: { sd: 0.1 } } })],
    catalogue,
  );
  expect(diff).toEqual([
    { path: 'prior.sd', values: ['1', '1', '0.1'] },
    { path: 'training.seed', values: ['1', '2', '1'] },
  ]);
});

it('names a setting that only some of the runs have, down to a layer', () => {
  const layers = specOf().architecture.layers;
  const wider = specOf({
    architecture: { name: '', layers: [{ ...layers[0]!, settings: { units: 80 }, bayesian: false }, { kind: 'dense', settings: {} }, layers[1]!] },
  });
  expect(settingsDiff([specOf(), wider], catalogue)).toEqual([
    { path: 'architecture.layers.0.bayesian', values: [undefined, 'false'] },
    { path: 'architecture.layers.0.units', values: ['50', '80'] },
    { path: 'architecture.layers.1', values: ['output', 'dense'] },
    { path: 'architecture.layers.1.units', values: [undefined, '50'] },
    { path: 'architecture.layers.2', values: [undefined, 'output'] },
  ]);
});

it('takes the mean over seeds and its standard error sd/√n, and leaves another setting apart', () => {
  const runs = [ended(specOf({}, 1), 0.01), ended(specOf({ prior: { id: 'gaussian', settings: { sd: 2 } } }, 1, 'b'), 0.5), ended(specOf({}, 2), 0.03)];
  const comparison = compareRuns(runs, catalogue);
  expect(comparison.measures.map(({ id }) => id)).toEqual(['validationError']);
  expect(comparison.rows.map(({ name }) => name)).toEqual(['a, 2 seeds', 'a, seed 1', 'a, seed 2', 'b']);
  expect(comparison.rows[0]!.values[0]!.mean).toBeCloseTo(2, 12);
  expect(comparison.rows[0]!.values[0]!.se).toBeCloseTo(1, 12); // sd of (1, 3) is √2; over √2
  expect(comparison.rows.slice(1).map(({ values }) => values[0]!.mean)).toEqual([1, 3, 50]);
  const table = comparisonTable(comparison);
  expect(table['Validation error (%) standard error']).toEqual([expect.closeTo(1, 12), NaN, NaN, NaN]);
  expect(table['runs']![0]).toBe(`${runs[0]!.run.id} ${runs[2]!.run.id}`);
});

it('tells runs of equal name apart by seed, and by id where the seed is equal too', () => {
  const [a, b, c] = [ended(specOf({}, 1), 0), ended(specOf({}, 1), 0), ended(specOf({}, 1, 'c'), 0)].map(({ run }) => run);
  expect(distinctNames([a!, b!, c!])).toEqual([`a, ${a!.id}`, `a, ${b!.id}`, 'c']);
});

it('gives the number of one run no standard error in its group, and says that it is one', () => {
  const [one, other] = [ended(specOf({}, 1), 0.01), ended(specOf({}, 2), NaN)];
  const comparison = compareRuns([one!, other!], catalogue);
  const [group] = comparison.rows;
  expect([group!.values[0], coverageText(group!, group!.values[0]!)]).toEqual([{ mean: 1, se: 0, count: 1 }, ' (1 of 2)']);
  expect(comparisonTable(comparison)['Validation error (%) standard error']).toEqual([NaN, NaN, NaN]);
});
