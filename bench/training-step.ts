/** @file One training step of each method on the reference net, beside the floor of its work and the same step in PyTorch. */
import { openDevice } from '../src-main/engine/backends';
import type { inferenceMethods } from '../src-main/engine/inference';
import { presets } from '../src-main/engine/nn/presets';
import { float32, int32 } from '../src-main/engine/numerics/host-tensor';
import { buildBayesianModel } from '../src-main/engine/training/bayesian-model';
import { initialState } from '../src-main/engine/training/train';
import { RunSpec } from '../src-main/contract/spec';
import { floorOf, type Floor, type Work } from './floor';
import { runPeer } from './peer';
import { bestOf } from './timing';
import type { Row } from './table';

const rows = 60_000;
const batchSize = 100;
const inputs = 784;
const classes = 10;

interface Case {
  readonly title: string;
  readonly method: keyof typeof inferenceMethods;
  readonly settings: Record<string, string | number | boolean>;
  readonly work: Work;
  /** Null where there is no formulation that users run today. */
  readonly peer: string | null;
  /** Architecture; the reference net unless another is named. */
  readonly preset?: string;
}

const weights = [inputs * 1200, 1200 * 1200, 1200 * classes];
const all = weights.reduce((sum, n) => sum + n, 0);
const afterFirst = all - weights[0]!;
/** Forward, gradient by the weights, gradient by the inputs (not for the first layer). */
const flops = 2 * batchSize * (2 * all + afterFirst);

/** LeNet-5: weights used by every position; convolutions, then dense layers. */
const lenet = {
  first: 784 * 25 * 6,
  rest: 100 * 150 * 16 + 400 * 120 + 120 * 84 + 84 * classes,
  weights: 61_706,
  activations: 784 * 6 + 196 * 6 + 100 * 16 + 400 + 204,
};

const cases: readonly Case[] = [
  // Weights read and written by the update, read forward and backward.
  {
    title: 'MAP, SGD',
    method: 'map',
    settings: { optimiser: 'sgd', learningRate: 0.1 },
    work: { flops, bytes: 4 * (3 * all + afterFirst), normals: 0 },
    peer: 'map',
  },
  // Mean and rho read and written; per draw: noise and weights written and read, weights read backward.
  {
    title: 'Bayes by Backprop, 3 draws, SGD',
    method: 'bbp',
    settings: { optimiser: 'sgd', learningRate: 0.1, draws: 3, firstEpochDraws: 3 },
    work: { flops: 3 * flops, bytes: 4 * (4 * all + 3 * (4 * all + afterFirst)), normals: 3 * all },
    peer: 'bbp',
  },
  // As Bayes by Backprop, and the noise read once more for its length.
  {
    title: 'Radial, 3 draws, SGD',
    method: 'radial',
    settings: { optimiser: 'sgd', learningRate: 0.1, draws: 3 },
    work: { flops: 3 * flops, bytes: 4 * (4 * all + 3 * (5 * all + afterFirst)), normals: 3 * all },
    peer: null,
  },
  // Two products wherever the others have one; those of the first layer, and its gradients, serve all draws. Weights serve all draws at once.
  {
    title: 'Local reparametrisation, 3 draws, SGD',
    method: 'local-reparametrisation',
    settings: { optimiser: 'sgd', learningRate: 0.1, draws: 3 },
    work: {
      flops: 2 * batchSize * (4 * weights[0]! + 3 * 6 * afterFirst),
      bytes: 4 * (7 * all + 2 * afterFirst),
      normals: 3 * batchSize * (1200 + 1200 + classes),
    },
    peer: 'local-reparametrisation',
  },
  // Likewise, but only the first product by the mean serves all draws, and each draw makes noise and perturbation.
  {
    title: 'Flipout, 3 draws, SGD',
    method: 'flipout',
    settings: { optimiser: 'sgd', learningRate: 0.1, draws: 3 },
    work: {
      flops: 2 * batchSize * (2 * weights[0]! + 3 * (2 * weights[0]! + 6 * afterFirst)),
      bytes: 4 * (4 * all + weights[0]! + 3 * (4 * all + 3 * afterFirst)),
      normals: 3 * all,
    },
    peer: null,
  },
  // MAP's work, and a velocity read and written; the masks are small.
  {
    title: 'MC dropout, momentum',
    method: 'mc-dropout',
    settings: { optimiser: 'momentum', learningRate: 0.1, momentum: 0.5 },
    work: { flops, bytes: 4 * (5 * all + afterFirst), normals: 0 },
    peer: 'mc-dropout',
  },
  // Activations and their gradients written once and read once.
  {
    title: 'MAP, SGD, LeNet-5',
    method: 'map',
    settings: { optimiser: 'sgd', learningRate: 0.01 },
    work: { flops: 2 * batchSize * (2 * lenet.first + 3 * lenet.rest), bytes: 4 * (4 * batchSize * lenet.activations + 4 * lenet.weights), normals: 0 },
    peer: 'lenet',
    preset: 'lenet',
  },
];

/** Milliseconds per step, metrics and noise included; the state lives on the device as in a run. */
export async function benchTrainingSteps(floor: Floor, options: { threads: number; only: readonly string[] | null; peers: boolean }): Promise<Row[]> {
  const device = await openDevice('auto', { threads: options.threads });
  const results: Row[] = [];
  for (const { title, method, settings, work, peer, preset = '1200-1200' } of cases) {
    if (options.only && ![method, peer].some((id) => id !== null && options.only!.includes(id))) continue;
    const spec = RunSpec.parse({
      dataset: { id: 'mnist' },
      architecture: presets.find(({ id }) => id === preset)!.architecture,
      likelihood: { id: 'categorical' },
      method: { id: method, settings },
    });
    const model = buildBayesianModel(spec, { task: { kind: 'classification', outputs: classes }, inputShape: [28, 28, 1], rows });
    const state = device.upload(await initialState({ model, device, training: spec.training }));
    const batch = {
      x: float32(
        [batchSize, 28, 28, 1],
        Float32Array.from({ length: batchSize * inputs }, (_, i) => Math.sin(i * 12.9898)),
      ),
      y: int32(
        [batchSize],
        Int32Array.from({ length: batchSize }, (_, i) => i % classes),
      ),
    };
    const time = { step: 0, epoch: 1, stepInEpoch: 0, stepsPerEpoch: rows / batchSize, epochs: 10 };
    const { step, hyper } = model.algorithm.schedule(time);
    const specs = Object.fromEntries(Object.entries(batch).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    const program = await device.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specs, hyper: Object.keys(hyper) });
    let count = 0;
    const ms = await bestOf(() => program.run({ state, batch, hyper, noise: { seed: 1, step: count++ } }), { rounds: 5, calls: 20 });
    await program.dispose();
    state.dispose();
    const floorMs = floorOf(work, floor);
    results.push({ name: title, ms, floorMs, peers: options.peers && peer ? runPeer(peer, options.threads) : [] });
  }
  await device.close();
  return results;
}
