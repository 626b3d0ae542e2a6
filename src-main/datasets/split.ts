/** @file Which training rows are held out for validation. */
import { seeded } from './generator';

/** Own stream of the seed, so that the split does not follow the drawing of the data. */
const splitStream = 0x5711;

/** Exactly round(fraction · rows) rows, drawn without replacement; both lists ascending. */
export function splitRows(rows: number, fraction: number, seed: number): { train: Uint32Array; validation: Uint32Array } {
  const held = Math.round(fraction * rows);
  const order = seeded(seed, splitStream).permutation(rows);
  return { validation: order.slice(0, held).sort(), train: order.slice(held).sort() };
}
