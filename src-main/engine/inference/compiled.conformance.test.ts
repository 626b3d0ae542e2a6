/** @file Every method's steps trace, compile, and do on ONNX Runtime, with fused passes and without, what TF.js does eagerly with the same noise. */
import { scalar, Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device, Program } from '../backends/device';
import { float32, int32, sizeOf, type HostTensors } from '../numerics/host-tensor';
import { fold } from '../numerics/random';
import type { Step } from '../numerics/step';
import { flattenTree } from '../numerics/tree';
import { buildModel } from '../nn/model';
import { Architecture } from '../../contract/spec';
import { likelihoods } from '../probability/likelihoods';
import type { Likelihood } from '../probability/likelihood';
import type { Prior } from '../probability/prior';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { inferenceMethods, type InferenceMethodId } from './index';
import type { Algorithm, InferenceMethod } from './method';

const architecture = Architecture.parse({
  // The first kernel is large enough for fused passes, the others are not.
  layers: [{ kind: 'flatten' }, { kind: 'dense', settings: { units: 343 } }, { kind: 'dense', settings: { units: 2, activation: 'tanh' } }, { kind: 'output' }],
});
const rows = 6;
const wave = (shape: readonly number[]) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + 1.3 * i)),
  );
const x = wave([rows, 4, 3]);
const classes = {
  likelihood: likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 }),
  batch: { x, y: int32([rows], Int32Array.of(0, 1, 2, 2, 1, 0)) },
};
const targets = (noise: 'learnt' | 'per-input' | 'fixed') => ({
  likelihood: likelihoods.gaussian.build({ noise, sd: 0.5 }, { kind: 'regression', outputs: 1 }),
  batch: { x, y: wave([rows, 1]) },
});

/** Method, settings, data and prior: together they reach every path of every method. */
const trials: [InferenceMethodId, object, { likelihood: Likelihood; batch: HostTensors }, Prior][] = [
  ['map', { optimiser: 'sgd', learningRate: 0.1 }, classes, priors.gaussian.build({ sd: 0.1 })],
  ['map', { optimiser: 'nesterov', learningRate: 0.1, initialisation: 'he', rateSchedule: 'cosine' }, targets('learnt'), priors.flat.build({})],
  ['map', { optimiser: 'adam', learningRate: 0.01 }, targets('per-input'), priors.laplace.build({ scale: 0.3 })],
  ['bbp', { optimiser: 'sgd', learningRate: 0.1, firstEpochDraws: 3 }, classes, priors.gaussian.build({ sd: 0.1 })],
  [
    'bbp',
    { optimiser: 'adam', learningRate: 0.01, draws: 2, firstEpochDraws: 1 },
    classes,
    priors['scale-mixture'].build({ share: 0.75, sd1: 0.1, sd2: 0.005 }),
  ],
  [
    'bbp',
    { optimiser: 'momentum', learningRate: 0.1, kl: 'closed-form', draws: 1, firstEpochDraws: 1 },
    targets('fixed'),
    priors.laplace.build({ scale: 0.3 }),
  ],
  ['bbp', { kl: 'closed-form', klSchedule: 'blundell', firstEpochDraws: 1 }, targets('learnt'), priors.gaussian.build({ sd: 1 })],
  ['local-reparametrisation', { optimiser: 'sgd', learningRate: 0.1, draws: 2 }, classes, priors.gaussian.build({ sd: 0.1 })],
  [
    'local-reparametrisation',
    { kl: 'monte-carlo', optimiser: 'rmsprop' },
    targets('learnt'),
    priors['scale-mixture'].build({ share: 0.75, sd1: 0.1, sd2: 0.005 }),
  ],
  ['flipout', { optimiser: 'sgd', learningRate: 0.1, draws: 2 }, classes, priors.gaussian.build({ sd: 0.1 })],
  [
    'flipout',
    { kl: 'monte-carlo', optimiser: 'adadelta', learningRate: 1 },
    targets('learnt'),
    priors['scale-mixture'].build({ share: 0.75, sd1: 0.1, sd2: 0.005 }),
  ],
  ['radial', { optimiser: 'sgd', learningRate: 0.1, draws: 2 }, classes, priors.laplace.build({ scale: 0.3 })],
  ['deep-ensemble', { members: 2, optimiser: 'adam', learningRate: 0.01 }, targets('per-input'), priors.gaussian.build({ sd: 1 })],
  ['snapshot-ensemble', { optimiser: 'momentum', learningRate: 0.1, cycles: 2 }, classes, priors.gaussian.build({ sd: 1 })],
  ['swa', { optimiser: 'sgd', learningRate: 0.1, every: 1 }, classes, priors.gaussian.build({ sd: 1 })],
  ['swag', { optimiser: 'momentum', learningRate: 0.1, every: 1, start: 0.25, rank: 2 }, targets('learnt'), priors.gaussian.build({ sd: 1 })],
  ['sgld', { stepSize: 1e-3, chains: 2, course: 'cyclical', cycles: 1, noiseLevel: 'descent' }, targets('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['psgld', { stepSize: 1e-3 }, classes, priors.gaussian.build({ sd: 0.1 })],
  ['psgld', { stepSize: 1e-3, chains: 2, adaptation: 'always', correction: true }, targets('learnt'), priors.gaussian.build({ sd: 0.1 })],
  ['sghmc', { chains: 2, learnPrior: true, resampleEvery: 2 }, targets('learnt'), priors.gaussian.build({ sd: 0.1 })],
  ['sgnht', { stepSize: 1e-3 }, targets('learnt'), priors.gaussian.build({ sd: 0.1 })],
  ['hmc', { stepSize: 1e-4, leapfrogSteps: 1, chains: 2 }, targets('learnt'), priors.gaussian.build({ sd: 0.3 })],
  ['laplace', { optimiser: 'sgd', learningRate: 0.1 }, classes, priors.gaussian.build({ sd: 0.1 })],
  ['laplace', { optimiser: 'sgd', learningRate: 0.1, structure: 'kfra', damping: 'factored' }, targets('fixed'), priors.gaussian.build({ sd: 1 })],
  ['laplace', { optimiser: 'sgd', learningRate: 0.1, structure: 'full', layers: 'last', fisher: 'sampled' }, classes, priors.gaussian.build({ sd: 1 })],
  ['laplace', { optimiser: 'sgd', learningRate: 0.1, structure: 'diagonal' }, targets('per-input'), priors.gaussian.build({ sd: 1 })],
  ['calibrated-bbp', { loss: 'auavu', draws: 2 }, classes, priors.gaussian.build({ sd: 0.1 })],
  ['sharpened-bbp', { optimiser: 'sgd', learningRate: 0.1 }, classes, priors.gaussian.build({ sd: 0.3 })],
  ['importance-weighted', { draws: 2 }, targets('learnt'), priors.laplace.build({ scale: 0.3 })],
  ['variational-dropout', { sigmaForm: 'log-variance' }, classes, priors.flat.build({})],
  ['concrete-dropout', {}, classes, priors.gaussian.build({ sd: 0.1 })],
  ['mc-dropout', { optimiser: 'momentum', learningRate: 0.1, inputRate: 0.2 }, classes, priors.gaussian.build({ sd: 1 })],
];

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const named = (tree: Parameters<typeof flattenTree<Tensor>>[0]): { [path: string]: Tensor } => Object.fromEntries(flattenTree<Tensor>(tree, isTensor));
const specs = (tensors: HostTensors) => Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));

/** Four steps in two epochs from the given state, and the sweeps after them; the state, every step's info, and one draw's output. */
async function follow(device: Device, algorithm: Algorithm, initial: HostTensors, batch: HostTensors) {
  const state = device.upload(initial);
  const infos: { [name: string]: number }[] = [];
  const programs = new Map<string, Program>();
  for (let step = 0; step < 4 + 2 * (algorithm.sweeps ?? 0); step++) {
    const { step: name, hyper } = algorithm.schedule({ step, epoch: step >> 1, stepInEpoch: step & 1, stepsPerEpoch: 2, epochs: 2 });
    const program =
      programs.get(name) ?? (await device.compile(algorithm.steps[name]!, { state: state.specs, batch: specs(batch), hyper: Object.keys(hyper) }));
    programs.set(name, program);
    const info = await program.run({ state, batch, hyper, noise: { seed: 11, step } });
    infos.push(Object.fromEntries(Object.entries(info).map(([id, { data }]) => [id, data[0]!])));
  }
  for (const program of programs.values()) await program.dispose();
  if (algorithm.refit) state.write({ [algorithm.refit.precision]: float32([], Float32Array.of(1)) }); // as a finished state has it
  const draw: Step = (leaves, _batch, key) => ({ info: { ...algorithm.draw(leaves, key, scalar(0, 'int32')) } });
  const program = await device.compile(draw, { state: state.specs });
  const drawn = Object.fromEntries(Object.entries(await program.run({ state, noise: { seed: 12, step: 0 } })).map(([name, { data }]) => [name, [...data]]));
  await program.dispose();
  const final = Object.fromEntries(Object.entries(await state.download()).map(([path, { data }]) => [path, [...data]]));
  state.dispose();
  return { final, infos, drawn };
}

let [compiled, unfused, oracle]: Device[] = [];
beforeAll(async () => {
  compiled = await openDevice('onnxruntime-cpu', { threads: 1 });
  unfused = await openDevice('onnxruntime-cpu', { threads: 1, fusion: false });
  oracle = await openDevice('tfjs-cpu', { threads: 1 });
});
afterAll(async () => {
  await compiled!.close();
  await unfused!.close();
  await oracle!.close();
});

/** Which passes a step is split into is tested apart from methods (fusion, passes.conformance): once for each method is enough here. */
const isFirstOfMethod = (trial: (typeof trials)[number]): boolean => trials.find(([id]) => id === trial[0]) === trial;

describe.each(trials)('%s %o', (...trial) => {
  const [id, settings, { likelihood, batch }, prior] = trial;

  it('agrees with the oracle over four steps and a draw', async () => {
    const model = buildModel(architecture, [4, 3], likelihood.outputs);
    const target = makeTarget({
      parameters: model.parameters,
      forward: (params, input, _key, rule) => model.apply(params, input, rule),
      likelihood,
      priors: Object.fromEntries(model.parameters.map(({ name }) => [name, prior])),
      rows: 60,
    });
    const method: InferenceMethod = inferenceMethods[id];
    const algorithm = method.build(target, method.settings.parse(settings));
    const init: Step = (_state, _batch, key) => ({ info: named(algorithm.init(fold(key, 'start'))) });
    const empty = { state: {} };
    const start = async (device: Device) => {
      const program = await device.compile(init, empty);
      return program.run({ state: device.upload({}), noise: { seed: 10, step: 0 } });
    };
    const initial = await start(oracle!);
    // Single precision, sums in another order: 1e-4 of the value or of 1.
    const compare = (actual: number, expected: number, what: string) => {
      const close = Math.abs(actual - expected) < 1e-4 * (1 + Math.abs(expected));
      if (!close) expect.fail(`${what}: ${actual} and ${expected}`);
    };
    for (const [path, { data }] of Object.entries(await start(compiled!))) data.forEach((value, i) => compare(value, initial[path]!.data[i]!, path));

    const other = await follow(oracle!, algorithm, initial, batch);
    const expected: { readonly [path: string]: readonly number[] } = { ...other.final, ...other.drawn };
    for (const device of isFirstOfMethod(trial) ? [compiled!, unfused!] : [compiled!]) {
      const one = await follow(device, algorithm, initial, batch);
      one.infos.forEach((info, step) => Object.entries(info).forEach(([name, value]) => compare(value, other.infos[step]![name]!, `${name} at step ${step}`)));
      for (const [path, values] of Object.entries({ ...one.final, ...one.drawn }))
        values.forEach((value, i) => compare(value, expected[path]![i]!, `${path}[${i}]`));
      expect(Object.entries(one.final).some(([path, values]) => values.some((value, i) => value !== initial[path]!.data[i]))).toBe(true); // it moved
    }
  });
});
