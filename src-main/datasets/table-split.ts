/** @file Which rows of a table are the test part: a fold of K, one that the table names itself, or one of the 20 standard splits of the literature. */
import { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import { seeded } from './generator';
import { numpyPermutations } from './mersenne-twister';

const standardSplits = 20;

const folded = {
  folds: z
    .int()
    .min(2)
    .max(1000)
    .default(10)
    .meta({
      title: 'Folds',
      description: 'The rows are shuffled and cut into this many parts of equal size. One of them is the test part.',
      when: { split: ['folds'] },
    }),
  fold: z.int().min(1).max(1000).default(1).meta({ title: 'Test part', description: 'Which fold or split is tested on, counted from 1.' }),
  foldSeed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ title: 'Seed of the folds', description: 'Another seed shuffles the rows differently.', advanced: true, when: { split: ['folds'] } }),
};

const split = z.enum(['standard', 'given', 'folds']);
type Split = z.infer<typeof split>;

/** Settings of a table. Only published sets have standard splits. */
export const TableSettings = z.object({ split: split.extract(['folds']).default('folds').meta({ title: 'Split', advanced: true }), ...folded });
export const FoldedTableSettings = z.object({
  split: split
    .exclude(['standard'])
    .default('given')
    .meta({ title: 'Split', description: 'given: the folds that a column of the table names. folds: K-fold cross-validation of shuffled rows.' }),
  ...folded,
});
export const PublishedTableSettings = z.object({
  split: split.exclude(['given']).default('standard').meta({
    title: 'Split',
    description: 'standard: the 20 random splits, 90 % for training, by which published numbers compare. folds: K-fold cross-validation.',
  }),
  ...folded,
});
export type TableSplit = { readonly split: Split; readonly folds: number; readonly fold: number; readonly foldSeed: number };

/** Own stream of the seed, apart from the validation split's. */
const foldStream = 0xf01d;

/** How many test parts there are, `given` of them named by the table. */
export const splitCount = ({ split, folds }: Pick<TableSplit, 'split' | 'folds'>, given = 0): number => ({ standard: standardSplits, given, folds })[split];

/** Rows of both parts; ascending, except for standard splits, whose order is the published one. `given`: the fold of each row. @throws WorkbenchError `invalid-spec` */
export function splitTable(rows: number, settings: TableSplit, given?: ArrayLike<number>): { train: Uint32Array; test: Uint32Array } {
  const { split, folds, fold, foldSeed } = settings;
  const of = Array.from(given ?? []);
  const parts = splitCount(settings, 1 + Math.max(-1, ...of));
  if (fold > parts) throw new WorkbenchError('invalid-spec', `Test part ${fold} does not exist: there are ${parts}; choose one of 1 to ${parts}`);
  if (split === 'given') {
    const rowsWhere = (tested: boolean) => Uint32Array.from(of.flatMap((one, row) => ((one === fold - 1) === tested ? [row] : [])));
    return { train: rowsWhere(false), test: rowsWhere(true) };
  }
  if (split === 'standard') {
    const order = numpyPermutations(1, rows, fold).at(-1)!;
    const cut = Math.floor(0.9 * rows);
    return { train: order.slice(0, cut), test: order.slice(cut) };
  }
  if (folds > rows) throw new WorkbenchError('invalid-spec', `${rows} rows cannot be cut into ${folds} folds; choose at most ${rows} folds`);
  const order = seeded(foldSeed, foldStream).permutation(rows);
  const [from, to] = [fold - 1, fold].map((k) => Math.floor((k * rows) / folds)) as [number, number];
  return { test: order.slice(from, to).sort(), train: Uint32Array.from([...order.subarray(0, from), ...order.subarray(to)]).sort() };
}
