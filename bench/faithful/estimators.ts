/**
 * @file Estimators of the evidence bound's gradient beside plain weight draws: the same mean where they are unbiased, and how much less they vary,
 * layer by layer, by the rows of a batch.
 */
import { RunSpec, type RunSpecInput } from '../../src-main/contract/spec';
import { openDevice } from '../../src-main/engine/backends';
import type { Device } from '../../src-main/engine/backends/device';
import { float32, int32, specsOf, type HostTensors } from '../../src-main/engine/numerics/host-tensor';
import { buildBayesianModel } from '../../src-main/engine/training/bayesian-model';
import { initialState } from '../../src-main/engine/training/initial-state';
import { atMost, type Figure, type Row } from './row';

interface Net {
  readonly id: string;
  readonly title: string;
  readonly describe: string;
  readonly inputShape: readonly number[];
  readonly layer: RunSpecInput['architecture']['layers'][number];
  /** Whether a row meets the layer's weights once: local reparametrisation is then exact, else an approximation. */
  readonly once: boolean;
}

const nets: readonly Net[] = [
  {
    id: 'dense',
    title: 'dense layers',
    describe: '20-30-3',
    inputShape: [20],
    layer: { kind: 'dense', settings: { units: 30, activation: 'tanh' } },
    once: true,
  },
  {
    id: 'convolution',
    title: 'a convolution',
    describe: '4 filters of 3 × 3 on 8 × 8 pixels',
    inputShape: [8, 8, 1],
    layer: { kind: 'conv2d', settings: { filters: 4, activation: 'tanh' } },
    once: false,
  },
  { id: 'lstm', title: 'an LSTM', describe: '8 units over 8 steps of 3', inputShape: [8, 3], layer: { kind: 'lstm', settings: { units: 8 } }, once: false },
];

const [classes, rows, steps] = [3, 1000, 500];
const batchSizes = [1, 10, 100];
const sgd = { optimiser: 'sgd', learningRate: 1, draws: 1, kl: 'closed-form', initialisation: 'glorot' };

/** Rows of scaled waves; the class is the third in which the sum of a row's second half lies. */
function batchOf(inputShape: readonly number[], size: number): HostTensors {
  const width = inputShape.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length: size * width }, (_, i) => Math.sqrt(2) * Math.sin(1 + 12.9898 * i + 0.7 * Math.floor(i / width) ** 2));
  const sums = Array.from({ length: size }, (_, row) => x.subarray(row * width + width / 2, (row + 1) * width).reduce((a, b) => a + b, 0));
  const sorted = [...sums].sort((a, b) => a - b);
  const y = Int32Array.from(sums, (sum) => Math.floor((classes * sorted.indexOf(sum)) / size));
  return { x: float32([size, ...inputShape], x), y: int32([size], y) };
}

/** Gradients by the means, of `steps` draws from one state and one batch; by parameter, [steps][entries]. */
async function gradients(device: Device, { inputShape, layer }: Net, method: RunSpecInput['method'], size: number) {
  const layers = [layer, { kind: 'flatten' }, { kind: 'output' }];
  const spec = RunSpec.parse({ dataset: { id: 'any' }, architecture: { layers }, likelihood: { id: 'categorical' }, method });
  const model = buildBayesianModel(spec, { task: { kind: 'classification', outputs: classes }, inputShape, rows });
  const initial = await initialState({ model, device, training: spec.training });
  const batch = batchOf(inputShape, size);
  const { hyper } = model.algorithm.schedule({ step: 0, epoch: 1, stepInEpoch: 0, stepsPerEpoch: 1, epochs: 2 });
  const state = device.upload(initial);
  const program = await device.compile(model.algorithm.steps['main']!, { state: state.specs, batch: specsOf(batch), hyper: Object.keys(hyper) });
  const paths = Object.keys(initial).filter((path) => path.startsWith('mean/'));
  const found: { [path: string]: Float64Array[] } = Object.fromEntries(paths.map((path) => [path, []]));
  for (let step = 0; step < steps; step++) {
    state.write(initial);
    await program.run({ state, batch, hyper, noise: { seed: 1, step } });
    const after = await state.download(paths);
    for (const path of paths) found[path]!.push(Float64Array.from(initial[path]!.data, (value, i) => value - after[path]!.data[i]!));
  }
  await program.dispose();
  state.dispose();
  return found;
}

type Gradients = Awaited<ReturnType<typeof gradients>>;

/** Mean and variance of each entry. */
const moments = (sample: readonly Float64Array[]) =>
  Array.from(sample[0]!, (_, i) => {
    const mean = sample.reduce((sum, g) => sum + g[i]!, 0) / sample.length;
    return { mean, variance: sample.reduce((sum, g) => sum + (g[i]! - mean) ** 2, 0) / (sample.length - 1) };
  });

/** Entries whose mean differs by more than 3 standard errors of the difference, draw by draw. */
function beyond(one: Gradients, other: Gradients): { far: number; of: number } {
  const entries = Object.entries(one).flatMap(([path, sample]) => moments(sample.map((g, s) => g.map((value, i) => value - other[path]![s]![i]!))));
  return { far: entries.filter(({ mean, variance }) => Math.abs(mean) > 3 * Math.sqrt(variance / steps)).length, of: entries.length };
}

/** Σ variance of all entries of the layer's parameters. */
const varianceOf = (layer: string, sample: Gradients): number =>
  Object.entries(sample)
    .filter(([path]) => path.startsWith(`mean/${layer}.`))
    .reduce((sum, [, own]) => sum + moments(own).reduce((total, { variance }) => total + variance, 0), 0);

async function measure(net: Net): Promise<Figure[]> {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const methods = [
    { title: 'Flipout', unbiased: true, method: { id: 'flipout', settings: sgd } },
    {
      title: net.once ? 'local reparametrisation' : 'local reparametrisation, factorised',
      unbiased: net.once,
      method: { id: 'local-reparametrisation', settings: { ...sgd, factorised: !net.once } },
    },
  ];
  const ratios: Figure[] = [];
  const differences = methods.map(() => ({ far: 0, of: 0 }));
  for (const size of batchSizes) {
    const plain = await gradients(device, net, { id: 'bbp', settings: { ...sgd, firstEpochDraws: 1 } }, size);
    for (const [m, { title, method }] of methods.entries()) {
      const other = await gradients(device, net, method, size);
      const { far, of } = beyond(plain, other);
      differences[m]!.far += far;
      differences[m]!.of += of;
      for (const layer of [`${net.layer.kind}1`, 'output']) {
        const value = varianceOf(layer, other) / varianceOf(layer, plain);
        ratios.push({ name: `variance of ${title}, ${layer}, batch ${size}`, value, unit: '× plain draws', target: 'printed only', holds: true });
      }
    }
  }
  await device.close();
  return [
    ...methods.flatMap(({ title, unbiased }, m) =>
      unbiased
        ? [atMost(`mean gradients of ${title} beyond 3 SE of plain draws`, (100 * differences[m]!.far) / differences[m]!.of, 1, '%', '0.27 % by chance')]
        : [],
    ),
    ...ratios,
  ];
}

export const estimators: readonly Row[] = nets.map((net) => ({
  id: `estimators/${net.id}`,
  title: `Gradients through ${net.title}`,
  group: 'Estimators of the gradient',
  how: `${net.describe} and a read-out of ${classes} classes; gradients by the means of ${steps} draws from one state and one batch of ${batchSizes.join(', ')} of ${rows.toLocaleString('en')} rows, summed over each layer.`,
  minutes: 1,
  run: () => measure(net),
}));
