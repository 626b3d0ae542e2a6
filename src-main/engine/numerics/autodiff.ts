/** @file Reverse-mode differentiation of parameter trees, on TF.js's tape. */
import { add, customGrad, reshape, slice, stack, valueAndGrads, zeros, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import './tape';
import type { Params } from './tree';

/**
 * Values of named scalar terms of the parameters, and the gradient of their weighted sum:
 * terms tᵢ(w), weights cᵢ → values tᵢ and ∂(Σ cᵢ tᵢ)/∂w, in one evaluation. Weights are not differentiated.
 * Shapes: grads as params. Every parameter must take part in a term of non-constant weight.
 *
 * One vector goes through the tape with the weights as its cotangent, because TF.js frees whatever its tape does not return.
 */
export function valuesAndGrad<Term extends string>(
  terms: (params: Params) => { readonly [term in Term]: Scalar },
  weights: { readonly [term in Term]: Scalar },
  params: Params,
): { values: { [term in Term]: Scalar }; grads: { [name: string]: Tensor } } {
  const names = Object.keys(params);
  const order = Object.keys(weights) as Term[];
  const vector = (...tensors: Tensor[]): Tensor => {
    const values = terms(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
    return stack(order.map((term) => values[term]));
  };
  // TF.js types the value as a scalar, but takes any shape together with a cotangent of that shape.
  const differentiate = valueAndGrads(vector as (...tensors: Tensor[]) => Scalar) as (
    tensors: Tensor[],
    cotangent: Tensor,
  ) => { value: Tensor; grads: Tensor[] };
  const { value, grads } = differentiate(
    names.map((name) => params[name]!),
    stack(order.map((term) => weights[term])),
  );
  const values = Object.fromEntries(order.map((term, i) => [term, reshape(slice(value, [i], [1]), [])])) as { [term in Term]: Scalar };
  return { values, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

/** What f computes, as a constant to differentiation: for f without a derivative, such as a comparison. */
export const withoutGradient =
  (f: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): Tensor =>
    customGrad((...all) => {
      const own = all.slice(0, inputs.length) as Tensor[]; // the last one saves tensors for the gradient
      return { value: f(...own), gradFunc: () => own.map(({ shape }) => zeros(shape)) }; // an eager backend has freed the inputs by then
    })(...inputs);

/** The value, as a constant to differentiation. */
export const stopGradient = withoutGradient((x) => add(x!, 0));
