/** @file Embedding: a learnt vector for each category. */
import { cast, clipByValue, concat, gather, reshape, slice, stack, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { WorkbenchError } from '../../../contract/errors';
import { defineLayer, type Shape } from '../layer';

/** Of sequences and features alike. @throws WorkbenchError `shape-mismatch` */
function channelsOf(input: Shape, column: number): number {
  const channels = input.at(-1)!;
  if (input.length > 2)
    throw new WorkbenchError('shape-mismatch', `it expects rows of features or sequences of them but gets [${input.join(', ')}]; images have no categories`);
  if (column > channels) throw new WorkbenchError('shape-mismatch', `column ${column} does not exist: there are ${channels}; choose one of 1 to ${channels}`);
  return channels;
}

/** The rows of one table that the codes name: codes of any shape, table [categories, size] → [...codes, size]. */
const rowsOf = (table: Tensor, codes: Tensor): Tensor =>
  reshape(gather(table, cast(reshape(codes, [-1]), 'int32') as Tensor & { dtype: 'int32' }), [...codes.shape, table.shape[1]!]);

/**
 * The column's category code is replaced by its row of the kernel, which follows the other columns.
 * Shapes: x [rows, (length,) columns], kernel [categories, size] → [rows, (length,) columns − 1 + size].
 */
export const embedding = defineLayer({
  kind: 'embedding',
  title: 'Embedding',
  reference: 'Guo & Berkhahn (2016), Entity Embeddings of Categorical Variables, sec. 3.1',
  help: 'Replaces a column of category codes 0, 1, 2 … by a learnt vector for each category; the other columns pass through. Import the column as codes: such columns are not standardised.',
  settings: z.strictObject({
    column: z.int().min(1).max(10_000).default(1).meta({ title: 'Column', description: 'Which feature holds the codes, counted from 1.' }),
    categories: z.int().min(2).max(100_000).default(10).meta({ title: 'Categories', description: 'How many there are; higher codes count as the last one.' }),
    size: z.int().min(1).max(1024).default(4).meta({ title: 'Size', description: 'Length of the vector of each category.' }),
  }),
  outputShape: (input, { column, size }) => [...input.slice(0, -1), channelsOf(input, column) - 1 + size],
  parameters: (_input, { categories, size }) => [{ name: 'kernel', shape: [categories, size], role: 'kernel', fanIn: size, fanOut: size, bayesian: true }],
  apply({ kernel }, x, { column, categories }, { input }) {
    const channels = input.at(-1)!;
    const columns = (of: Tensor, first: number, count: number) =>
      slice(of, [...new Array<number>(of.rank - 1).fill(0), first], [...of.shape.slice(0, -1), count]);
    const embed = (of: Tensor, table: Tensor): Tensor => {
      const codes = clipByValue(reshape(columns(of, column - 1, 1), of.shape.slice(0, -1)), 0, categories - 1);
      const parts = [columns(of, 0, column - 1), columns(of, column, channels - column), rowsOf(table, codes)];
      return concat(
        parts.filter((part) => part.size > 0),
        -1,
      );
    };
    if (kernel!.rank === 2) return embed(x, kernel!);
    const own = x.rank === input.length + 2 ? unstack(x) : null;
    return stack(unstack(kernel!).map((table, k) => embed(own ? own[k]! : x, table)));
  },
});
