/** @file The affine map x ∗ W + b at the heart of a weight layer, and the ways to evaluate it. */
import { add, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from './tree';

/** A product linear in x and in the kernel. Shapes: x [rows, …, inputs], kernel […, inputs, outputs] → [rows, …, outputs]. */
export type Product = (x: Tensor, kernel: Tensor) => Tensor;

/** One layer's map, its parameters by name: 'dense1.kernel', 'dense1.bias'. */
export interface AffineMap {
  readonly kernel: string;
  /** A map without an offset names a parameter that no tree has. */
  readonly bias: string;
  readonly product: Product;
}

/** How a map is evaluated: with one set of weights, or with moments, signs per row, masks, … of a method's own. */
export type AffineRule = (map: AffineMap, x: Tensor) => Tensor;

/** One value per channel of y, or with K members [K, channels], in a shape that broadcasts against y [(K,) rows, …, channels]. */
export const perChannel = (values: Tensor, y: Tensor): Tensor =>
  values.rank === 2 ? reshape(values, [values.shape[0]!, ...y.shape.slice(1, -1).map(() => 1), values.shape[1]!]) : values;

/** x ∗ W + b with the weights as they are. With K members kernel and bias have a leading axis [K], and so has the result. */
export const withWeights =
  (params: Params): AffineRule =>
  ({ kernel, bias, product }, x) => {
    const y = product(x, params[kernel]!);
    const offset = params[bias];
    return offset ? add(y, perChannel(offset, y)) : y;
  };

/** Makes what a rule needs once for each label: a layer that meets its weights at every step in time meets the same signs or masks each time. */
export function onceEach(): (label: string, make: () => Tensor) => Tensor {
  const made = new Map<string, Tensor>();
  return (label, make) => {
    const known = made.get(label) ?? make();
    made.set(label, known);
    return known;
  };
}
