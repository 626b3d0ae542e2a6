/** @file Layers of every kind in whole models: methods take the same step compiled and eagerly, presets take one at all, and refusals name the layer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunSpec, type RunSpecInput } from '../../contract/spec';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { presets } from '../nn/presets';
import { float32, int32 } from '../numerics/host-tensor';
import { buildBayesianModel, checkModel } from './bayesian-model';
import { initialState } from './initial-state';
import { compiling, expectSameStep } from './step-testing';

let compiled: Device;
let oracle: Device;
beforeAll(async () => {
  compiled = await openDevice(compiling, { threads: 1 });
  oracle = await openDevice('tfjs-cpu', { threads: 1 });
});
afterAll(async () => {
  await compiled.close();
  await oracle.close();
});

const specOf = (layers: RunSpecInput['architecture']['layers'], method: RunSpecInput['method'], changes: Partial<RunSpecInput> = {}) =>
  RunSpec.parse({ dataset: { id: 'any' }, architecture: { layers }, likelihood: { id: 'categorical' }, method, training: { seed: 3 }, ...changes });
const shapeOf = (inputShape: readonly number[]) => ({ task: { kind: 'classification', outputs: 3 }, inputShape, rows: 40 }) as const;
const batchOf = (inputShape: readonly number[], rows = 4) => {
  const size = inputShape.reduce((a, b) => a * b, rows);
  return {
    x: float32(
      [rows, ...inputShape],
      Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 1.3 * i)),
    ),
    y: int32(
      [rows],
      Int32Array.from({ length: rows }, (_, i) => i % 3),
    ),
  };
};

const sequence = [
  { kind: 'conv1d', settings: { filters: 3, activation: 'gelu' } },
  { kind: 'batch-norm', settings: { activation: 'selu' } },
  { kind: 'lstm', settings: { units: 3, output: 'sequence' } },
  { kind: 'layer-norm' },
  { kind: 'residual', settings: { back: 2, activation: 'softplus' } },
  { kind: 'dropout', settings: { predict: 'on' } },
  { kind: 'gru', settings: { units: 2 } },
  { kind: 'output' },
];

describe('a network of recurrent, normalising, dropping and skipping layers', () => {
  it.each<[string, RunSpecInput['method'], Partial<RunSpecInput>]>([
    ['MAP', { id: 'map' }, {}],
    ['Bayes by Backprop with a horseshoe', { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1 } }, { prior: { id: 'regularised-horseshoe' } }],
    ['Flipout, its signs the same at every step in time', { id: 'flipout' }, {}],
    ['local reparametrisation as an approximation', { id: 'local-reparametrisation', settings: { factorised: true } }, {}],
    ['MC dropout, its masks the same at every step in time', { id: 'mc-dropout' }, {}],
    ['concrete dropout, as well', { id: 'concrete-dropout' }, {}],
  ])('takes the same step compiled and eagerly: %s', async (_name, method, changes) => {
    const spec = specOf(sequence, method, changes);
    await expectSameStep({ compiled, oracle }, buildBayesianModel(spec, shapeOf([3, 2])), spec.training, batchOf([3, 2]));
  });

  it('takes the same sharpened step, which differentiates twice through every step in time', async () => {
    const spec = specOf([{ kind: 'lstm', settings: { units: 2, output: 'sequence' } }, { kind: 'gru', settings: { units: 2 } }, { kind: 'output' }], {
      id: 'sharpened-bbp',
    });
    await expectSameStep({ compiled, oracle }, buildBayesianModel(spec, shapeOf([3, 2])), spec.training, batchOf([3, 2]));
  });

  it.each<[string, string, object, string]>([
    ['sharpening of a convolution', 'sharpened-bbp', { kind: 'conv1d' }, 'conv1d1.kernel'],
    ['Flipout of an embedding', 'flipout', { kind: 'embedding' }, 'embedding1.kernel'],
    ['Flipout of peepholes', 'flipout', { kind: 'lstm', settings: { peephole: true } }, 'lstm1.peephole'],
    ['local reparametrisation of a recurrent layer', 'local-reparametrisation', { kind: 'gru' }, 'gru1.kernel'],
  ])('refuses %s, naming the weights and what to choose', (_name, id, layer, weights) => {
    const [problem] = checkModel(specOf([layer as never, { kind: 'flatten' }, { kind: 'output' }], { id }), shapeOf([5, 2]));
    expect(problem?.message).toContain(weights);
    expect(problem?.message).toMatch(/[Cc]hoose .*Bayes by Backprop/);
  });
});

describe('presets for colour images', () => {
  it.each(['vgg16', 'resnet20'])('%s takes a step, after which its loss is finite; with an eighth of its filters, on tiny images', async (id) => {
    const layers = presets
      .find((preset) => preset.id === id)!
      .architecture.layers.map((layer) => {
        const { filters } = layer.settings;
        return typeof filters === 'number' ? { ...layer, settings: { ...layer.settings, filters: filters / 8 } } : layer;
      });
    const spec = specOf(layers, { id: 'map' });
    const model = buildBayesianModel(spec, shapeOf([4, 4, 3]));
    const state = compiled.upload(await initialState({ model, device: compiled, training: spec.training }));
    const batch = batchOf([4, 4, 3], 2);
    const specs = Object.fromEntries(Object.entries(batch).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    const { step, hyper } = model.algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 10, epochs: 1 });
    const program = await compiled.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specs, hyper: Object.keys(hyper) });
    const { nll } = await program.run({ state, batch, hyper, noise: { seed: 5, step: 0 } });
    expect(nll!.data[0]).toBeGreaterThan(0);
    expect(nll!.data[0]).toBeLessThan(20);
    await program.dispose();
    state.dispose();
  });
});
