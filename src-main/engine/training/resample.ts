/** @file How often each member of an ensemble counts a row: a pure function of (seed, member). */
import type { Resampling } from '../inference/method';
import { hostUniforms } from '../numerics/host-random';

/** Counts of `rows` rows for one member; undefined where each counts once. */
export function rowCounts(resampling: Resampling, rows: number, seed: number, member: number): Uint8Array | undefined {
  if (resampling.kind === 'none') return undefined;
  const uniform = hostUniforms(seed, member, 'row counts');
  const counts = new Uint8Array(rows);
  if (resampling.kind === 'bootstrap') for (let i = 0; i < rows; i++) counts[Math.floor(uniform() * rows)]!++;
  else for (let i = 0; i < rows; i++) counts[i] = Number(uniform() < resampling.rate);
  return counts;
}
