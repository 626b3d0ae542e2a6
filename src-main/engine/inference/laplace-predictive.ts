/** @file How a Laplace approximation predicts: by the network at drawn weights, or by its linearisation at the mode. */
import { add, broadcastTo, concat, div, matMul, mul, reshape, slice, sqrt, stack, sub, sum, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { Key } from '../numerics/random';
import { mapParams, unflattenTree, type Params } from '../numerics/tree';
import type { Curvature, Scope } from './laplace-curvature';
import type { DrawPredictive } from './method';
import { outputJacobian, type MapJacobian, type MapMatrix } from './output-jacobian';

const atMode = 'mode/';
const ofCurvature = 'curvature/';
export const precisionLeaf = 'mode/precision';

/** What a draw carries besides the weights, by the part of the state that it is. */
export interface Carried {
  readonly mode: Params;
  readonly curvature: Params;
  readonly precision: Tensor;
}

/** A way to predict, and what its draws carry. */
export interface Prediction extends DrawPredictive {
  carry(state: Carried): Params;
}

/**
 * f(x, mode) + J(x) (w − mode), under which a Gaussian over w is a Gaussian over outputs.
 *
 * @see Immer, Korzepa & Bauer (2021), Improving predictions of Bayesian neural nets via local linearization, eq. 9.
 */
export function linearised(scope: Scope): Prediction {
  const shapes = new Map(scope.target.parameters.map(({ name, shape }) => [name, shape]));
  const moved = scope.maps.flatMap(({ kernel, bias }) => (bias === undefined ? [kernel] : [kernel, bias]));
  return {
    leaves: moved.map((name) => ({ name: atMode + name, shape: shapes.get(name)! })),
    carry: ({ mode }) => Object.fromEntries(moved.map((name) => [atMode + name, mode[name]!])),
    forward(draw, x, key) {
      // The mode is the same for all draws that are computed together.
      const mode = mapParams((name, value) => first(draw[atMode + name] ?? value, shapes.get(name)), ownOf(draw, shapes));
      const { outputs, jacobians } = linearise(scope, mode, x, key);
      return scope.maps.reduce((total, map, i) => add(total, change(jacobians[i]!, sub(asMatrix(map, draw), asMatrix(map, mode)))), outputs);
    },
  };
}

/**
 * f(x, mode) / √(1 + π v/8), v the variance of each logit: its softmax approximates the mean of the softmax.
 *
 * @see MacKay (1992), The evidence framework applied to classification networks, eq. 10; with several classes Gibbs (1997).
 */
export function probit(scope: Scope, curvature: Curvature): Prediction {
  const parameters = new Map(scope.target.parameters.map(({ name, shape }) => [name, shape]));
  return {
    leaves: [...Object.entries(curvature.shapes).map(([path, shape]) => ({ name: ofCurvature + path, shape })), { name: precisionLeaf, shape: [] }],
    carry: (state) => ({ ...mapKeys(state.curvature, ofCurvature), [precisionLeaf]: state.precision }),
    forward(draw, x, key) {
      const { outputs, jacobians } = linearise(scope, ownOf(draw, parameters), x, key);
      const leaves = unflattenTree(Object.keys(curvature.shapes).map((path) => [path, draw[ofCurvature + path]!] as const));
      return div(outputs, sqrt(add(mul(curvature.variance(leaves, draw[precisionLeaf]!, jacobians), Math.PI / 8), 1)));
    },
  };
}

const mapKeys = (params: Params, prefix: string): Params => Object.fromEntries(Object.entries(params).map(([name, value]) => [prefix + name, value]));
const ownOf = (draw: Params, names: ReadonlyMap<string, unknown>): Params => Object.fromEntries(Object.entries(draw).filter(([name]) => names.has(name)));

/** The first of several equal tensors along a leading axis, if there is one. */
const first = (value: Tensor, shape: readonly number[] = value.shape): Tensor =>
  value.rank === shape.length ? value : reshape(slice(value, 0, 1), [...shape]);

/** Outputs at the mode and their Jacobian: one cotangent for each output. */
const linearise = ({ target, maps }: Scope, mode: Params, x: Tensor, key: Key) =>
  outputJacobian(target, mode, x, key, maps, (outputs) => {
    const count = outputs.shape.at(-1)!;
    return Array.from({ length: count }, (_, c) => broadcastTo(tensor1d(Array.from({ length: count }, (_, i) => Number(i === c))), outputs.shape));
  });

/** A map's parameters as its matrix [inputs, units]; of several draws [draws, inputs, units]. */
function asMatrix({ kernel, bias, kernelShape, inputs, units }: MapMatrix, params: Params): Tensor {
  const draws = params[kernel]!.shape.slice(0, params[kernel]!.rank - kernelShape.length);
  const weights = reshape(params[kernel]!, [...draws, inputs - (bias === undefined ? 0 : 1), units]);
  return bias === undefined ? weights : concat([weights, reshape(params[bias]!, [...draws, 1, units])], -2);
}

/** Σ over places and units of (inputs Δ) ⊙ gradient, for each output. */
function change({ inputs, gradients }: MapJacobian, matrix: Tensor): Tensor {
  const [rows, places, values] = inputs.shape as [number, number, number];
  const draws = matrix.shape.slice(0, -2);
  const flat = reshape(inputs, [rows * places, values]);
  const moved = matMul(draws.length === 0 ? flat : broadcastTo(flat, [...draws, ...flat.shape]), matrix);
  const width = places * matrix.shape.at(-1)!;
  const given = reshape(moved, [...draws, rows, width]);
  return stack(
    gradients.map((gradient) => sum(mul(given, reshape(gradient, [rows, width])), -1)),
    -1,
  );
}
