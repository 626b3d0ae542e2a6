import { expect, it } from 'vitest';
import { deleteArchitecture, listArchitectures, saveArchitecture } from './architectures';
import { openDatabase } from './database';

const layers = [
  { kind: 'dense', settings: { units: 3 }, prior: { id: 'laplace', settings: { scale: 0.5 } } },
  { kind: 'output', settings: {} },
];

it('keeps architectures as they were saved, writes over one by its id, and forgets', () => {
  const db = openDatabase(':memory:');
  const second = saveArchitecture(db, null, { name: 'b', layers });
  const first = saveArchitecture(db, null, { name: 'a', layers: layers.slice(1) });
  expect(listArchitectures(db)).toEqual([first, second]);
  saveArchitecture(db, second.id, { name: '0', layers });
  expect(listArchitectures(db).map(({ id, architecture }) => [id, architecture.name])).toEqual([
    [second.id, '0'],
    [first.id, 'a'],
  ]);
  expect(listArchitectures(db)[0]!.architecture.layers).toEqual(layers);
  deleteArchitecture(db, first.id);
  expect(listArchitectures(db).map(({ id }) => id)).toEqual([second.id]);
  db.close();
});
