import { expect, it } from 'vitest';
import { CrossValidationId, RunId } from '../../src-main/contract/ids';
import { href, parseLocation, type Location } from './location';

const run = RunId.parse('run-a1b2c3');
const locations: Location[] = [
  { place: 'build' },
  { place: 'compare' },
  { place: 'compare', runs: [run, RunId.parse('run-a1b2')] },
  { place: 'explore' },
  { place: 'explore', run: RunId.parse('run-a1b2'), row: 7 },
  { place: 'runs' },
  { place: 'runs', run },
  { place: 'runs', trash: true },
  { place: 'train' },
  { place: 'train', from: run },
  { place: 'train', from: run, weights: true },
  { place: 'train', dataset: 'drawn-digits' },
  { place: 'inspect' },
  { place: 'inspect', run },
  { place: 'inspect', run, look: true },
  { place: 'validate' },
  { place: 'validate', group: CrossValidationId.parse('cv-a1b2c3') },
  { place: 'validate', dataset: 'uci-yacht' },
  { place: 'data' },
  { place: 'data', dataset: 'mnist' },
  { place: 'settings' },
];

it.each(locations.map((location) => [href(location), location]))('%s leads back to where it was made', (hash, location) => {
  expect(parseLocation(hash)).toEqual(location);
});
it('leads to the runs from an address it does not know, and ignores a broken id', () => {
  expect(parseLocation('')).toEqual({ place: 'runs' });
  expect(parseLocation('#/nowhere/at-all')).toEqual({ place: 'runs' });
  expect(parseLocation('#/inspect/<script>')).toEqual({ place: 'inspect' });
  expect(parseLocation('#/compare?runs=<b>,run-a1b2c3,run-a1b2c3')).toEqual({ place: 'compare', runs: [run] });
});
