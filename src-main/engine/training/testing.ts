/** @file What the tests of training share: a small classification that anything learns, and a listener that keeps what it is told. */
import { add, ones, scalar, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { RunSpec, type RunSpecInput } from '../../contract/spec';
import type { RunProgress } from '../../contract/run';
import { philox } from '../numerics/philox';
import { float32 } from '../numerics/host-tensor';
import type { State } from '../numerics/step';
import { buildBayesianModel, type BayesianModel } from './bayesian-model';
import type { Rows } from './minibatches';
import type { KeptDraw } from './kept-draws';
import type { Checkpoint, TrainingListener } from './train';

/** Two Gaussian blobs at (−1, −1) and (1, 1), sd 0.4: the best error is 0.02 %. */
export function blobs(rows: number, seed = 1): Rows {
  const block = new Uint32Array(4);
  const x = new Float32Array(2 * rows);
  const y = Int32Array.from({ length: rows }, (_, i) => i % 2);
  for (let i = 0; i < rows; i++) {
    philox(block, i, 0, 0, 0, seed, 0);
    const radius = 0.4 * Math.sqrt(-2 * Math.log((block[0]! + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * block[1]!) / 2 ** 32;
    const centre = 2 * y[i]! - 1;
    x[2 * i] = centre + radius * Math.cos(angle);
    x[2 * i + 1] = centre + radius * Math.sin(angle);
  }
  return { rows, x, y };
}

export const blobData = { train: blobs(50), validation: blobs(40, 2), ySd: 1 };
export const blobShape = { task: { kind: 'classification', outputs: 2 }, inputShape: [2], rows: 50 } as const;

/** A run on the blobs: one small hidden layer, three epochs of 7 steps, the last with 2 rows. */
export const blobSpec = (changes: Partial<RunSpecInput> = {}): RunSpec =>
  RunSpec.parse({
    dataset: { id: 'blobs' },
    architecture: { layers: [{ kind: 'dense', settings: { units: 5 } }, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    prior: { id: 'gaussian', settings: { sd: 1 } },
    method: { id: 'map', settings: { learningRate: 0.5 } },
    training: { epochs: 3, batchSize: 8 },
    ...changes,
  });

/**
 * MAP on the blobs with every phase that a method may have: keeps a draw every third step, draws `scale` anew on the host every fourth,
 * sums it up, sweeps once over the rows to count them, and doubles the count at the end.
 */
export function phasedModel(spec = blobSpec({ method: { id: 'map', settings: { optimiser: 'momentum', learningRate: 0.1 } } })): BayesianModel {
  const model = buildBayesianModel(spec, blobShape);
  const { init, steps, schedule, draw } = model.algorithm;
  const own = (state: State) => ({ total: state['total'] as Tensor, scale: state['scale'] as Tensor, rows: state['rows'] as Tensor });
  return {
    ...model,
    method: { ...model.method, keepsDraws: true },
    algorithm: {
      init: (key) => ({ ...init(key), scale: ones([2]), total: zeros([2]), rows: zeros([]) }),
      steps: {
        main(state, batch, key, hyper) {
          const { total, scale, rows } = own(state);
          const { state: next, info } = steps['main']!(state, batch, key, hyper);
          return { state: { ...next, total: add(total, scale), scale, rows }, info };
        },
        sweep(state, { x }) {
          const zero = scalar(0);
          return { state: { ...state, rows: add(own(state).rows, x!.shape[0]!) }, info: { nll: zero, logPrior: zero, objective: zero } };
        },
      },
      schedule: (time) => (time.epoch < time.epochs ? { ...schedule(time), keep: time.step % 3 === 2 } : { step: 'sweep', hyper: {} }),
      draw: ({ params, optimiser }, key, index) => draw({ params: params!, optimiser: optimiser! }, key, index),
      between: {
        every: 4,
        reads: ['scale'],
        run: ({ scale }, random) => ({
          scale: float32(
            [2],
            Float32Array.from(scale!.data, (value) => value / 2 + random('scale')()),
          ),
        }),
      },
      sweeps: 1,
      *finish(state) {
        yield;
        return { ...state, rows: float32([], state['rows']!.data.map((value) => 2 * value) as Float32Array) };
      },
    },
  };
}

/** Keeps everything; `onStep` may look in between steps. */
export class Recorder implements TrainingListener {
  readonly steps: { step: number; values: number[] }[] = [];
  readonly epochs: { step: number; values: { readonly [metric: string]: number } }[] = [];
  readonly checkpoints: Checkpoint[] = [];
  readonly draws: KeptDraw[] = [];
  readonly said: RunProgress[] = [];
  readonly order: string[] = [];

  constructor(readonly onStep: (step: number) => void = () => undefined) {}

  stepMetrics(step: number, values: Float64Array): void {
    this.steps.push({ step, values: [...values] });
    this.onStep(step);
  }
  epochMetrics(step: number, values: { readonly [metric: string]: number }): void {
    this.epochs.push({ step, values });
    this.order.push(`epoch ${step}`);
  }
  progress(progress: RunProgress): void {
    this.said.push(progress);
  }
  async draw({ weights, ...place }: KeptDraw): Promise<void> {
    this.draws.push({
      ...place,
      weights: Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, float32(shape, Float32Array.from(data))])),
    });
    this.order.push(`draw ${place.step}`);
  }
  async checkpoint(checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.push(checkpoint);
    this.order.push(`checkpoint ${checkpoint.step}`);
  }
  paused(): void {
    this.order.push('paused');
  }
  resumed(): void {
    this.order.push('resumed');
  }
}
