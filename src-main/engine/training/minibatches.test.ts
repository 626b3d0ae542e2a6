import { describe, expect, it } from 'vitest';
import { Minibatches } from './minibatches';

/** Row i has inputs [i, −i] and target 10 i. */
const part = (rows: number) => ({
  rows,
  x: Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? -1 : 1) * Math.floor(i / 2)),
  y: Float32Array.from({ length: rows }, (_, i) => 10 * i),
});
const epochRows = (batches: Minibatches, epoch: number) =>
  Array.from({ length: batches.stepsPerEpoch }, (_, i) => [...batches.at(epoch * batches.stepsPerEpoch + i)['y']!.data].map((y) => y / 10));

describe('Minibatches', () => {
  it('shows every row once in an epoch, in another order in the next', () => {
    const batches = new Minibatches(part(25), [2], 10, 3);
    expect(epochRows(batches, 0).map((batch) => batch.length)).toEqual([10, 10, 5]);
    for (const epoch of [0, 1])
      expect(
        epochRows(batches, epoch)
          .flat()
          .sort((a, b) => a - b),
      ).toEqual([...Array(25).keys()]);
    expect(epochRows(batches, 0)).not.toEqual(epochRows(batches, 1));
  });

  it('keeps inputs and targets of a row together, in their shapes', () => {
    const { x, y } = new Minibatches(part(25), [1, 2], 10, 3).at(2);
    expect([x!.shape, y!.shape]).toEqual([
      [5, 1, 2],
      [5, 1],
    ]);
    y!.data.forEach((target, i) => expect([x!.data[2 * i], x!.data[2 * i + 1]]).toEqual([target / 10, -target / 10]));
    expect(new Minibatches({ ...part(4), y: new Int32Array(4) }, [2], 2, 1).at(0)['y']).toMatchObject({ dtype: 'int32', shape: [2] });
  });

  it('gives the batch of any step, wherever it was before', () => {
    const one = new Minibatches(part(25), [2], 10, 3);
    const other = new Minibatches(part(25), [2], 10, 3);
    other.at(100);
    expect(epochRows(one, 7)).toEqual(epochRows(other, 7));
  });

  it('takes all rows at once for batch size 0, and whenever there are fewer rows', () => {
    for (const size of [0, 100]) expect(new Minibatches(part(25), [2], size, 3).stepsPerEpoch).toBe(1);
    expect(new Minibatches(part(30), [2], 10, 3).stepsPerEpoch).toBe(3);
  });
});
