/** @file Means over the rows with their spread, point after point of a curve. */
import type { Spread } from '../contract/rotation';

export const newSpread = (): Spread => ({ mean: [], sd: [] });

/** Mean and population standard deviation of the values, as one more point of the curve. */
export function addSpread({ mean, sd }: Spread, values: Float64Array): void {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  mean.push(centre);
  sd.push(Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length));
}
