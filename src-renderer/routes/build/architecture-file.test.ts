import { expect, it } from 'vitest';
import { readArchitecture, writeArchitecture } from './architecture-file';

const architecture = {
  name: 'mine',
  layers: [
    { kind: 'dense', settings: { units: 7 }, bayesian: false, prior: { id: 'laplace', settings: {} } },
    { kind: 'output', settings: {} },
  ],
};

it('reads what it wrote', () => {
  expect(readArchitecture(writeArchitecture(architecture), 'mine.json')).toEqual(architecture);
});

it.each([
  ['{', 'a.json is not JSON; choose an architecture that Credence has exported'],
  ['{}', 'a.json cannot be read: format: this is not an architecture of Credence'],
  [writeArchitecture(architecture).replace('"version": 1', '"version": 2'), 'a.json cannot be read: version: it was written by a newer Credence; update first'],
  [writeArchitecture({ ...architecture, layers: [] }), 'a.json cannot be read: architecture.layers: '],
])('says in one sentence what is wrong with %s', (text, message) => {
  expect(() => readArchitecture(text, 'a.json')).toThrow(message);
});
