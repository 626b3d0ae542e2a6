/** @file Statistics of layers such as batch normalisation, measured anew for the weights of each draw: docs/decisions/0004-statistics-belong-to-draws.md. */
import { concat, slice, squeeze, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { Algorithm } from '../inference/method';
import { fold } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import type { Target } from '../probability/target';

/** Rows on which a draw's statistics are measured: their means are known to 1/√512, 4 % of a standard deviation. */
const measuredRows = 512;

const rowsOf = (x: Tensor, first: number, count: number): Tensor => slice(x, [first], [count]);

/** The last rows: the batch's, then as many of those before as there is room for. Of members with batches of their own, the first one's. */
function remember(recent: Tensor, batch: Tensor): Tensor {
  const x = batch.rank > recent.rank ? squeeze(rowsOf(batch, 0, 1), [0]) : batch;
  const [room, given] = [recent.shape[0]!, x.shape[0]!];
  return given >= room ? rowsOf(x, 0, room) : concat([x, rowsOf(recent, 0, room - given)]);
}

/** The algorithm, whose state also keeps the rows last trained on and whose draws carry their statistics; itself where no layer measures any. */
export function withStatistics(
  algorithm: Algorithm,
  { statistics }: Target,
  { rows, inputShape }: { readonly rows: number; readonly inputShape: readonly number[] },
): Algorithm {
  if (!statistics) return algorithm;
  const remembering =
    (step: Step): Step =>
    ({ recent, ...own }, batch, key, hyper) => {
      const { state, info } = step(own, batch, key, hyper);
      return { state: { ...state, recent: remember(recent as Tensor, batch['x']!) }, info };
    };
  return {
    ...algorithm,
    init: (key) => ({ ...algorithm.init(key), recent: zeros([Math.min(measuredRows, rows), ...inputShape]) }),
    steps: Object.fromEntries(Object.entries(algorithm.steps).map(([name, step]) => [name, remembering(step)])),
    draw({ recent, ...own }: State, key, index) {
      const params = algorithm.draw(own, key, index);
      return { ...params, ...statistics.measure(params, recent as Tensor, fold(key, 'statistics')) };
    },
  };
}
