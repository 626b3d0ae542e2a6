import { describe, expect, it } from 'vitest';
import type { Fit } from '../contract/cross-validation';
import { parseGrid } from './cross-validate';
import { formatCrossValidation } from './format-cross-validation';
import { chooseUses } from './import';

describe('--grid', () => {
  it('reads places, shared places and values in target units', () => {
    expect(parseGrid('method.rate+method.inputRate=0.01, 0.1; likelihood.sd:target = 2,3e0;epochs=5')).toEqual([
      { paths: ['method.settings.rate', 'method.settings.inputRate'], values: [0.01, 0.1], targetUnits: false },
      { paths: ['likelihood.settings.sd'], values: [2, 3], targetUnits: true },
      { paths: ['training.epochs'], values: [5], targetUnits: false },
    ]);
  });
  it.each(['method.rate', 'method.rate=much', 'method.rate=', 'nothing.rate=1', 'dataset.fold=1,2'])('refuses %j', (text) =>
    expect(() => parseGrid(text)).toThrow(/--grid|no flag/),
  );
});

describe('formatCrossValidation', () => {
  it('prints mean ± standard error with as many digits as the error has, and the literature below', () => {
    const fits: Fit[] = [1, 2].map((split) => ({
      type: 'refit',
      split,
      candidate: 0,
      train: { rmse: 1 },
      test: { rmse: split, logLikelihood: null },
      seconds: 1,
    }));
    const text = formatCrossValidation(
      { name: 'Mine', status: 'succeeded', spec: { splits: 2 } as never },
      fits,
      [{ method: 'PBP', source: 'table 1', scores: { rmse: { mean: 3.01, se: 0.18 } } }],
      'regression',
    );
    expect(text).toMatch(/^Mine: 2 of 2 splits, succeeded/);
    expect(text).toMatch(/RMSE\s+1\.000 ± 0\s+1\.50 ± 0\.5\s+target units/);
    expect(text).toMatch(/Log-likelihood\s+–\s+–/);
    expect(text).toMatch(/PBP\s+3\.01 ± 0\.18\s+table 1/);
  });
});

describe('import flags', () => {
  const columns = ['a', 'b', 'c'].map((name, i) => ({ name, kind: i === 1 ? ('category' as const) : ('number' as const), missing: 0, distinct: 3 }));
  const preview = { columns, uses: ['number', 'one-hot', 'target'] as ('number' | 'one-hot' | 'target')[] };
  it('override the suggestions by name; the former target becomes a feature', () => {
    expect(chooseUses(preview, new Map([['target', 'a']]))).toEqual(['target', 'one-hot', 'number']);
    expect(
      chooseUses(
        preview,
        new Map([
          ['codes', 'b'],
          ['ignore', 'a'],
        ]),
      ),
    ).toEqual(['ignore', 'codes', 'target']);
    expect(() => chooseUses(preview, new Map([['ignore', 'd']]))).toThrow("there is no column 'd'; the file has a, b, c");
  });
});
