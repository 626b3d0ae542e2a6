import { expect, it } from 'vitest';
import { duplicate, insert, move, remove } from './layer-edits';

const chain = ['flatten', 'dense', 'dropout', 'output'].map((kind) => ({ kind, settings: {} }));
const kinds = (layers: readonly { kind: string }[]) => layers.map(({ kind }) => kind).join(' ');

it('moves layers both ways, never past the output layer', () => {
  expect(kinds(move(chain, 0, 1))).toBe('dense flatten dropout output');
  expect(kinds(move(chain, 2, 0))).toBe('dropout flatten dense output');
  expect(kinds(move(chain, 0, 9))).toBe('dense dropout flatten output');
  expect(kinds(move(chain, 1, -1))).toBe('dense flatten dropout output');
  expect(kinds(move(chain, 3, 0))).toBe(kinds(chain));
});

it('duplicates with settings of its own, inserts and removes; the output layer is neither copied nor removed', () => {
  const copied = duplicate(chain, 1);
  expect(kinds(copied)).toBe('flatten dense dense dropout output');
  expect(copied[2]!.settings).not.toBe(copied[1]!.settings);
  expect(kinds(duplicate(chain, 3))).toBe(kinds(chain));
  expect(kinds(remove(chain, 3))).toBe(kinds(chain));
  expect(kinds(remove(chain, 0))).toBe('dense dropout output');
  expect(kinds(insert(chain, 4, 'gru'))).toBe('flatten dense dropout gru output');
  expect(kinds(insert([], 0, 'gru'))).toBe('gru');
});
