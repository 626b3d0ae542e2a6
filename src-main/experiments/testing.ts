/** @file What the tests of experiments share: a context that refuses what a test does not provide, and a small set of pictures. */
import type { PreparedDataset } from '../datasets/dataset';
import type { Posterior } from '../engine/training/posterior';
import { ClassAccumulator } from '../engine/training/class-accumulator';
import type { ExperimentContext } from './experiment';

export const refuse = () => Promise.reject(new Error('not asked for in this test'));

/** A classification of 1 × 2 images whose test rows are these raw pixels; standardised x = pixel / 255. */
export function pictures(pixels: readonly number[], labels: readonly number[], changes: Partial<PreparedDataset> = {}): PreparedDataset {
  const none = { rows: 0, x: new Float32Array(0), y: new Int32Array(0) };
  const y = Int32Array.from(labels);
  return {
    id: 'hand',
    title: 'By hand',
    task: { kind: 'classification', outputs: 2 },
    inputShape: [1, 2, 1],
    imageShape: [1, 2],
    classes: ['a', 'b'],
    target: { name: 'class', unit: '' },
    train: none,
    validation: none,
    test: { rows: labels.length, x: Float32Array.from(pixels, (pixel) => pixel / 255), y },
    raw: { train: { ...none, x: new Uint8Array(0) }, test: { rows: labels.length, x: Uint8Array.from(pixels), y } },
    scaling: { xMean: [0], xSd: [255], yMean: 0, ySd: 1 },
    hash: '',
    exactPredictive: null,
    ...changes,
  };
}

/** Two classes: draw s says class b with the probability `ofB(x, s)`, x the features of one row. */
export const twoClasses = (ofB: (x: Float32Array, draw: number) => number): Posterior => ({
  count: (requested) => requested,
  async classify(x, rows, { draws, report }) {
    const accumulator = new ClassAccumulator(rows, 2, draws);
    const width = x.length / rows;
    for (let draw = 0; draw < draws; draw++) {
      for (let row = 0; row < rows; row++) {
        const b = ofB(x.subarray(row * width, (row + 1) * width), draw);
        accumulator.add(draw, row, 1, Float32Array.of(1 - b, b));
      }
      report?.((draw + 1) / draws);
    }
    return accumulator.result();
  },
  regress: refuse,
  inputGradient: refuse,
  close: async () => undefined,
});

export const contextOf = (dataset: PreparedDataset, posterior: Posterior, changes: Partial<ExperimentContext> = {}): ExperimentContext => ({
  runs: [
    {
      id: 'run-test',
      name: 'test',
      dataset,
      posterior,
      weights: { count: posterior.count, moments: refuse, draw: refuse, masked: () => posterior },
      precision: { threads: 1, classify: refuse, regress: refuse },
    },
  ],
  signal: new AbortController().signal,
  report: () => undefined,
  loadDataset: refuse,
  ...changes,
});
