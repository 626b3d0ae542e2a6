/** @file Whether a step can see all training rows at once. */
import type { Model } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';

/** Bytes that the rows of one step may take: enough for 300,000 rows of a small regression, far below what any computer has. */
const allowedBytes = 2 ** 30;

/** One sentence with the number of rows that would fit, if those of `data` do not. */
export function tooManyRows(
  title: string,
  { layers }: Pick<Model, 'layers'>,
  { rows, inputShape }: { readonly rows: number; readonly inputShape: readonly number[] },
): string | undefined {
  // Each layer's output is kept for the backward pass, beside its gradient and one value more.
  const perRow = 4 * (sizeOf(inputShape) + 3 * layers.reduce((sum, { output }) => sum + sizeOf(output), 0));
  const fitting = Math.floor(allowedBytes / perRow);
  if (rows <= fitting) return undefined;
  const say = (value: number) => value.toLocaleString('en');
  return `${title} sees all ${say(rows)} training rows in each step, which takes ${say(Math.ceil((rows * perRow) / 2 ** 20))} MB with this network; ${say(fitting)} rows (${say(allowedBytes / 2 ** 20)} MB) are allowed. Use a smaller network or data set, or a method of minibatches such as SGLD.`;
}
