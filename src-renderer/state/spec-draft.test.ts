import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Catalogue } from '../../src-main/contract/catalogue';
import type { DatasetStatus } from '../../src-main/contract/dataset';
import type { Run } from '../../src-main/contract/run';
import { RunSpec, type SpecProblem } from '../../src-main/contract/spec';
import { fakeMain } from '../rpc/testing';
import { SpecDraft } from './spec-draft.svelte';

const entry = (id: string) => ({ id, title: id, reference: '', help: '', settings: {} });
const properties = (...keys: string[]) => ({ settings: { properties: Object.fromEntries(keys.map((key) => [key, { type: 'number' }])) } });
const preset = (id: string, units: number) => ({
  id,
  title: id,
  help: '',
  architecture: {
    name: id,
    layers: [
      { kind: 'dense', settings: { units } },
      { kind: 'output', settings: {} },
    ],
  },
});
const card = (id: string, task: 'classification' | 'regression', architecture: string, likelihood: string, epochs: number) => ({
  ...entry(id),
  task,
  inputShape: task === 'classification' ? [28, 28] : [1],
  classes: [],
  target: { name: 'y', unit: '' },
  table: false,
  published: [],
  recommended: {
    architecture,
    likelihood: { id: likelihood, settings: { noise: id } },
    training: { epochs },
    ...(task === 'regression' && { method: { learningRate: 0.01, klWeight: 0.1 } }),
  },
});
const catalogue = Catalogue.parse({
  methods: [
    { ...entry('map'), ...properties('learningRate'), metrics: [], randomDraws: false, keepsDraws: false },
    { ...entry('bbp'), ...properties('learningRate', 'klWeight'), metrics: [], randomDraws: true, keepsDraws: false },
  ],
  layers: [],
  layerSwitches: {},
  priors: [entry('gaussian')],
  likelihoods: [
    { ...entry('gaussian'), task: 'regression' },
    { ...entry('categorical'), task: 'classification' },
  ],
  datasets: [
    card('digits', 'classification', '400-400', 'categorical', 10),
    card('letters', 'classification', 'big', 'categorical', 20),
    card('toy', 'regression', 'small', 'gaussian', 300),
  ],
  experiments: [],
  presets: [preset('big', 1200), preset('400-400', 400), preset('small', 50)],
  training: {},
  compute: {},
});
const status = (id: string): DatasetStatus => {
  const { task, inputShape } = catalogue.datasets.find((dataset) => dataset.id === id) ?? { task: 'classification' as const, inputShape: [20, 20] };
  const text = { description: '', citation: '', licence: '', hash: null };
  return { id, title: id, task, inputShape, classes: [], source: 'generated', state: 'ready', progress: null, error: null, rows: null, bytes: null, ...text };
};

describe('SpecDraft', () => {
  const draft = new SpecDraft();

  it('starts with what the dataset recommends and a Bayesian method', () => {
    draft.start(catalogue, status('digits'));
    expect(draft.spec).toMatchObject({
      dataset: { id: 'digits' },
      architecture: { name: '400-400' },
      likelihood: { id: 'categorical' },
      method: { id: 'bbp' },
      training: { epochs: 10, seed: 1 },
    });
  });
  it('keeps what the user chose when the next dataset is of the same task and shape', () => {
    draft.spec!.training.epochs = 3;
    draft.chooseDataset(catalogue, status('letters'), status('digits'));
    expect(draft.spec).toMatchObject({ dataset: { id: 'letters' }, architecture: { name: '400-400' }, training: { epochs: 3 } });
  });
  it('follows the recommendations of another task', () => {
    draft.chooseDataset(catalogue, status('toy'), status('letters'));
    expect(draft.spec).toMatchObject({
      dataset: { id: 'toy' },
      architecture: { name: 'small' },
      likelihood: { id: 'gaussian', settings: { noise: 'toy' } },
      training: { epochs: 300 },
      method: { id: 'bbp', settings: { learningRate: 0.01, klWeight: 0.1 } },
    });
  });
  it('gives a method the recommended settings that it knows, and keeps what the user chose', () => {
    draft.setMethod(catalogue, { id: 'map', settings: {} });
    expect(draft.spec!.method).toEqual({ id: 'map', settings: { learningRate: 0.01 } });
    draft.setMethod(catalogue, { id: 'map', settings: { learningRate: 0.5 } });
    draft.setMethod(catalogue, { id: 'bbp', settings: { learningRate: 0.5 } });
    expect(draft.spec!.method).toEqual({ id: 'bbp', settings: { learningRate: 0.5, klWeight: 0.1 } });
  });
  it('makes a trained run Bayesian: the same network, from its weights', () => {
    draft.start(catalogue, status('digits'));
    const trained = RunSpec.parse({ ...(draft.plain() as object), method: { id: 'map', settings: {} }, prior: { id: 'flat', settings: {} } });
    draft.makeBayesian(catalogue, { id: 'run-abcd', name: 'a', spec: trained } as unknown as Run, status('digits'));
    expect(draft.spec).toMatchObject({ from: 'run-abcd', architecture: { name: '400-400' }, method: { id: 'bbp', settings: { moped: 'posterior' } } });
    expect(draft.spec!.prior.id).toBe('gaussian'); // a flat one has no KL divergence
    draft.forgetWeights();
    expect(draft.spec!.from).toBeUndefined();
    expect(draft.spec!.method.settings).not.toHaveProperty('moped'); // it would be refused
  });
  it('finds defaults for an imported dataset, which no card describes', () => {
    draft.start(catalogue, status('imported-1'));
    expect(draft.spec).toMatchObject({ dataset: { id: 'imported-1' }, architecture: { name: '400-400' }, likelihood: { id: 'categorical' } });
  });
});

describe('SpecDraft.check', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const fail = (error: unknown) => {
    throw error;
  };

  it('asks once after the last change, and a late answer to an earlier question is ignored', async () => {
    const answers: ((problems: SpecProblem[]) => void)[] = [];
    const main = fakeMain({ 'specs.check': () => new Promise((resolve) => answers.push(resolve)) });
    const draft = new SpecDraft();
    draft.start(catalogue, status('digits'));
    draft.check(fail);
    draft.check(fail);
    await vi.advanceTimersByTimeAsync(250);
    expect(main.calls).toHaveLength(1);
    draft.check(fail);
    await vi.advanceTimersByTimeAsync(250);
    answers[1]!([{ path: 'method', message: 'second' }]);
    answers[0]!([{ path: 'method', message: 'first' }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(draft.problems).toEqual([{ path: 'method', message: 'second' }]);
    expect(draft.checking).toBe(false);
  });
  it('names a setting out of range without asking', async () => {
    const main = fakeMain({});
    const draft = new SpecDraft();
    draft.start(catalogue, status('digits'));
    draft.spec!.training.epochs = 0;
    draft.check(fail);
    await vi.advanceTimersByTimeAsync(250);
    expect(draft.problems).toMatchObject([{ path: 'training.epochs' }]);
    expect(main.calls).toEqual([]);
  });
});
