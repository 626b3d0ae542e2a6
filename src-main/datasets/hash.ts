/** @file The hash by which a dataset is known: of what a model sees, not of how files store it. */
import { createHash } from 'node:crypto';
import type { RawDataset } from './dataset';

/** SHA-256 over the raw bytes, x before y, train before test; 64 hex digits. */
export function hashParts({ train, test }: RawDataset): string {
  const hash = createHash('sha256');
  for (const { x, y } of [train, test]) {
    for (const values of [x, y]) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
