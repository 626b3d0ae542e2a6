/** @file How long a step takes at a device's rates, from what it must do. */
import { partition } from '../compiler/fusion/partition';
import { reachable } from '../compiler/graph';
import { trace } from '../compiler/trace';
import { workOf, type Product } from '../compiler/work';
import type { TensorSpecs } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { ProgramShapes } from './device';
import type { Rates } from './device-rates';

/** Filters from which convolutions run at the rate of wide ones, and below which at that of thin ones. */
const [thin, wide] = [8, 64];

/** Milliseconds: the sum over products, memory, noise, and the operations that the runtime does one by one. */
export function stepTime<S extends State>(step: Step<S>, shapes: ProgramShapes, rates: Rates): number {
  const traced = trace(step, shapes);
  const { flops, bytes, normals, convolutions = [] } = workOf(traced, shapes);
  const alone = reachable(Object.values(partition(traced).core)).filter(({ inputs, op }) => inputs.length > 0 && op !== 'expand');
  const convolving = convolutions.reduce((ms, product) => ms + flopsOf(product) / convolutionRate(product, rates) / 1e6, 0);
  return flops / rates.gflops / 1e6 + convolving + bytes / rates.bandwidth / 1e6 + normals / rates.normals / 1e6 + alone.length * rates.operationMs;
}

/** What a step without inputs makes, not computed. */
export const outputSpecs = (step: Step): TensorSpecs =>
  Object.fromEntries(Object.entries(trace(step, { state: {} }).info).map(([name, { dtype, shape }]) => [name, { dtype, shape } as TensorSpecs[string]]));

const flopsOf = ([count, rows, inner, columns]: Product): number => 2 * count * rows * inner * columns;

/** Between the rates of thin and wide ones as the logarithm of its narrower side. */
function convolutionRate([, , inner, columns]: Product, { thinConvolutions, wideConvolutions }: Rates): number {
  const share = Math.log(Math.min(inner, columns) / thin) / Math.log(wide / thin);
  return thinConvolutions + (wideConvolutions - thinConvolutions) * Math.min(1, Math.max(0, share));
}
