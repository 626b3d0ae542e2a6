import { describe, expect, it } from 'vitest';
import type { CrossValidation, Fit } from '../../../src-main/contract/cross-validation';
import { compareScores } from './compare';
import { parseValues } from './grid-places';

const refit = (split: number, rmse: number | null, train: number | null = null): Fit => ({
  type: 'refit',
  split,
  candidate: 0,
  train: { rmse: train },
  test: { rmse },
  seconds: 1,
});
const group = (name: string) => ({ name }) as CrossValidation;
const rmse = { id: 'rmse', title: 'RMSE', unit: null, better: 'lower' } as const;

describe('compareScores', () => {
  it('puts measured groups before published rows, in the target’s unit, and leaves out what has no score', () => {
    const groups = [
      { group: group('Mine'), fits: [refit(1, 1, 0.5), refit(2, 3, 0.7), refit(3, null)] },
      { group: group('Failed'), fits: [refit(1, null)] },
    ];
    const published = [
      { method: 'PBP (Hernández-Lobato & Adams 2015)', source: 'table 1', scores: { rmse: { mean: 3.01, se: 0.18 } } },
      { method: 'Other', source: 'table 2', scores: { logLikelihood: { mean: -2, se: 0.1 } } },
    ];
    expect(compareScores(rmse, 'MPa', groups, published)).toEqual({
      score: 'RMSE',
      unit: 'MPa',
      better: 'lower',
      entries: [
        { name: 'Mine', mean: 2, se: 1, train: { mean: 0.6, se: expect.closeTo(0.1, 12) } },
        { name: 'PBP', mean: 3.01, se: 0.18, source: 'PBP (Hernández-Lobato & Adams 2015); table 1' },
      ],
    });
  });
});

describe('parseValues', () => {
  it.each([
    ['0.01, 0.1, 1', [0.01, 0.1, 1]],
    ['1e-3 5', [0.001, 5]],
    ['0.1,0.2', [0.1, 0.2]],
    ['', null],
    ['0.1, much', null],
  ])('reads %j', (text, values) => expect(parseValues(text)).toEqual(values));
});
