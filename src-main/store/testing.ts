/** @file A database with one run, for tests. */
import { RunSpec } from '../contract/spec';
import { openDatabase } from './database';
import { insertRun } from './runs';

export const exampleSpec = RunSpec.parse({
  dataset: { id: 'drawn-digits' },
  architecture: { layers: [{ kind: 'output' }] },
  likelihood: { id: 'categorical' },
  method: { id: 'bbp', settings: { samples: 3 } },
});

export function openExample() {
  const db = openDatabase(':memory:');
  return { db, run: insertRun(db, exampleSpec, 'first').id };
}
