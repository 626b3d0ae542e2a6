/** @file What a Laplace approximation keeps of the log-likelihood's curvature at the mode, in whichever structure. */
import { concat, fill, matMul, mul, reshape, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';
import { fold, type Key } from '../numerics/random';
import type { State } from '../numerics/step';
import type { Interruptible } from '../numerics/interruptible';
import { symmetricEigen } from '../numerics/symmetric-eigen';
import type { Params } from '../numerics/tree';
import type { Report, Target } from './method';
import { outputJacobian, type MapJacobian, type MapMatrix } from './output-jacobian';

/** The part of a network that is approximated, and how its curvature is found. */
export interface Scope {
  readonly target: Target;
  readonly maps: readonly MapMatrix[];
  /** exact: every direction in which the outputs curve, one backward pass for each. sampled: one random direction for each row. */
  readonly fisher: 'exact' | 'sampled';
}

/** Leaves are named by flat paths on the host. A precision is that of the prior as a multiple of the one trained with. */
export interface Curvature {
  /** Shape of each leaf, by flat path; all start at zero. */
  readonly shapes: { readonly [path: string]: readonly number[] };
  /** The leaves with what the rows of one batch add; nothing in them depends on the prior. */
  sweep(leaves: State, params: Params, x: Tensor, key: Key): State;
  /** After the last sweep: the same leaves in a basis in which a prior's precision is added to eigenvalues. What takes long, or was mended, is reported. */
  diagonalise(leaves: HostTensors, params: HostTensors, report: Report): Interruptible<HostTensors>;
  /** A draw minus the mode. */
  deviation(leaves: State, precision: Tensor, key: Key): Params;
  /** Variance of each output of the linearised network, Jᵀ Σ J, [rows, outputs]. The Jacobian has one cotangent for each output. */
  variance(leaves: State, precision: Tensor, jacobians: readonly MapJacobian[]): Tensor;
  /** log determinant of the posterior's precision over that of the prior trained with. */
  logDeterminant(leaves: HostTensors, precision: number): number;
}

/** Jacobian by the scope's maps of a square root of the outputs' curvature: Σ over cotangents of J Jᵀ is the generalised Gauss–Newton matrix, or has it as its mean. */
export function curvatureJacobian({ target, maps, fisher }: Scope, params: Params, x: Tensor, key: Key): readonly MapJacobian[] {
  const { outputCurvature } = target;
  invariant(outputCurvature, 'the likelihood has no curvature');
  const { jacobians } = outputJacobian(target, params, x, key, maps, (outputs) =>
    fisher === 'exact' ? outputCurvature.root(outputs, params) : [outputCurvature.sampledScore(outputs, params, fold(key, 'score'))],
  );
  return jacobians;
}

/** Prior precisions of a map's kernel and bias. */
export function priorPrecision({ target }: Scope, { kernel, bias }: MapMatrix): { readonly kernel: number; readonly bias: number } {
  const of = (name: string) => target.prior[name]?.precision ?? NaN; // `problems` has refused other priors
  return { kernel: of(kernel), bias: of(bias ?? kernel) };
}

/** Standard deviations of the prior trained with, one for each row of a map's matrix, [inputs, 1]. */
export function priorSpread(scope: Scope, map: MapMatrix): Tensor {
  const { kernel, bias } = priorPrecision(scope, map);
  const rows = (count: number, precision: number) => fill([count, 1], 1 / Math.sqrt(precision));
  return map.bias === undefined ? rows(map.inputs, kernel) : concat([rows(map.inputs - 1, kernel), rows(1, bias)], 0);
}

/** One number for each row of a map's matrix. */
export const hostByRow = (map: MapMatrix, { kernel, bias }: { readonly kernel: number; readonly bias: number }): Float64Array =>
  Float64Array.from({ length: map.inputs }, (_, i) => (map.bias !== undefined && i === map.inputs - 1 ? bias : kernel));

/** Σ_inputs,units (Σ_places inputs gradientsᵀ)² ⊙ weights, for each row: [rows]. */
export function weightedSquares(inputs: Tensor, gradients: Tensor, weights: Tensor): Tensor {
  const flat = (x: Tensor) => square(reshape(x, [x.shape[0]!, x.shape[2]!]));
  // Where a row meets the map once, the square of the outer product is the outer product of the squares.
  if (inputs.shape[1] === 1) return sum(mul(matMul(flat(inputs), weights), flat(gradients)), -1);
  return sum(mul(square(matMul(inputs, gradients, true, false)), weights), [1, 2]);
}

/** Σ log(value + precision) */
export const sumOfLogs = (values: ArrayLike<number>, precision: number): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += Math.log(values[i]! + precision);
  return total;
};

/** Rounding of sums in single precision leaves eigenvalues this far below 0, as a fraction of the largest. */
const rounding = 1e-5;

/** Eigenvalues and vectors (rows) of a sum of squares; what is below 0 is lifted to 0, and noted where it is more than rounding. */
export function* positiveEigen(
  matrix: Float64Array,
  n: number,
  name: string,
  report: Report,
): Interruptible<{ readonly values: Float32Array; readonly vectors: Float32Array }> {
  const { values, vectors } = yield* symmetricEigen(matrix, n);
  const [lowest, highest] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (lowest < -rounding * highest)
    report.note(
      `The curvature of ${name} was not positive definite: eigenvalues down to ${lowest.toExponential(2)} were lifted to 0 (the largest is ${highest.toExponential(2)})`,
    );
  return { values: Float32Array.from(values, (value) => Math.max(0, value)), vectors: Float32Array.from(vectors) };
}
