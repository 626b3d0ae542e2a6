/** @file Studies of issue 7 on the reference net: a whole detection of 10,000 images, and one ε of an attack, each beside the time of its matrix products. */
import type { PreparedDataset } from '../src-main/datasets/dataset';
import { openDevice } from '../src-main/engine/backends';
import { StateDraws } from '../src-main/engine/training/draw-source';
import { initialState } from '../src-main/engine/training/initial-state';
import { DevicePosterior } from '../src-main/engine/training/predictive';
import { precisionPredictive } from '../src-main/engine/training/quantisation';
import { weightPosterior } from '../src-main/engine/training/weight-posterior';
import { adversarial } from '../src-main/experiments/adversarial';
import type { ExperimentContext } from '../src-main/experiments/experiment';
import { oodDetection } from '../src-main/experiments/ood-detection';
import { modelOf } from './case';
import type { Floor } from './floor';
import type { Row } from './table';

const draws = 100;
const images = 10_000; // half of the model's own, half of the other set
const attacked = 1000;
const inputs = 784;
/** Multiplications of one image in one draw. */
const products = inputs * 1200 + 1200 * 1200 + 1200 * 10;

/** Milliseconds of one whole study each; the floor is that of the matrix products alone. */
export async function benchStudies({ gflops }: Floor, threads: number): Promise<Row[]> {
  const device = await openDevice('auto', { threads });
  const { spec, model } = modelOf('bbp', {}, '1200-1200');
  const stored = await initialState({ model, device, training: spec.training });
  const state = device.upload(stored);
  const source = new StateDraws(model, device, state);
  const posterior = new DevicePosterior(model, device, source);
  const context = (rows: number): ExperimentContext => ({
    runs: [
      {
        id: 'run-bench',
        name: 'bench',
        dataset: pixels(rows),
        posterior,
        weights: weightPosterior(model, device, source, stored),
        precision: precisionPredictive(model, source, threads),
      },
    ],
    signal: new AbortController().signal,
    loadDataset: () => Promise.reject(new Error('the bench makes its own images')),
    report: () => undefined,
  });
  const ms = async (study: () => Promise<unknown>) => {
    const start = performance.now();
    await study();
    return performance.now() - start;
  };
  const floorMs = (passes: number, rows: number) => (2 * passes * draws * rows * products) / gflops / 1e6;

  const detection = oodDetection.settings.parse({ dataset: 'noise', draws, rows: images / 2 });
  const attack = adversarial.settings.parse({ draws, rows: attacked, points: 2 });
  const rows: Row[] = [
    {
      name: `Out of distribution, ${images} images, ${draws} draws`,
      ms: await ms(() => oodDetection.run(context(images / 2), detection)),
      floorMs: floorMs(1, images),
      peers: [],
    },
    {
      // Two ε, of which 0 needs no gradient: forward of each, and forward and backward of the gradient.
      name: `FGSM, ε = 0 and 0.7, ${attacked} images, ${draws} draws`,
      ms: await ms(() => adversarial.run(context(attacked), attack)),
      floorMs: floorMs(4, attacked),
      peers: [],
    },
  ];
  await posterior.close();
  state.dispose();
  await device.close();
  return rows;
}

/** Test images of no meaning: the time does not depend on them. */
function pixels(rows: number): PreparedDataset {
  const none = { rows: 0, x: new Float32Array(0), y: new Int32Array(0) };
  const y = Int32Array.from({ length: rows }, (_, row) => row % 10);
  const raw = Uint8Array.from({ length: rows * inputs }, (_, i) => (i * 2_654_435_761) >>> 24);
  return {
    id: 'bench',
    title: 'Bench',
    task: { kind: 'classification', outputs: 10 },
    inputShape: [28, 28, 1],
    imageShape: [28, 28],
    classes: Array.from({ length: 10 }, (_, k) => String(k)),
    target: { name: 'class', unit: '' },
    train: none,
    validation: none,
    test: { rows, x: Float32Array.from(raw, (pixel) => pixel / 255), y },
    raw: { train: { ...none, x: new Uint8Array(0) }, test: { rows, x: raw, y } },
    scaling: { xMean: [0], xSd: [255], yMean: 0, ySd: 1 },
    hash: '',
    exactPredictive: null,
  };
}
