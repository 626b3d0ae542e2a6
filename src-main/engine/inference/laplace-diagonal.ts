/** @file Laplace with a diagonal precision: each weight on its own. */
import { add, div, matMul, mul, reshape, sqrt, square, stack, sum, type Tensor } from '@tensorflow/tfjs-core';
import { float32, type HostTensors } from '../numerics/host-tensor';
import { fold, normal } from '../numerics/random';
import { priorSpread, curvatureJacobian, hostByRow, priorPrecision, sumOfLogs, weightedSquares, type Curvature, type Scope } from './laplace-curvature';
import { asParameters, type MapJacobian } from './output-jacobian';

/** Σ_rows Σ_cotangents (∂/∂W)², [inputs, units]. */
function squares({ inputs, gradients }: MapJacobian): Tensor {
  const places = inputs.shape[1]!;
  const flat = (x: Tensor) => reshape(x, [x.shape[0]!, x.shape[2]!]);
  // Where a row meets the map once, the square of the outer product is the outer product of the squares.
  const one = (g: Tensor) => (places === 1 ? matMul(square(flat(inputs)), square(flat(g)), true, false) : sum(square(matMul(inputs, g, true, false)), 0));
  return gradients.map(one).reduce((a, b) => add(a, b));
}

/** Precision τ + Σ (∂/∂w)²: the diagonal of the generalised Gauss–Newton matrix, or an estimate of it. */
export const diagonalCurvature = (scope: Scope): Curvature => ({
  shapes: Object.fromEntries(scope.maps.map(({ kernel, inputs, units }) => [kernel, [inputs, units]])),
  sweep: (leaves, params, x, key) =>
    Object.fromEntries(
      curvatureJacobian(scope, params, x, key).map((own, i) => {
        const { kernel } = scope.maps[i]!;
        return [kernel, add(leaves[kernel] as Tensor, squares(own))];
      }),
    ),
  *diagonalise(leaves) {
    const scaled: Record<string, HostTensors[string]> = {};
    for (const map of scope.maps) {
      const prior = hostByRow(map, priorPrecision(scope, map));
      const { shape, data } = leaves[map.kernel]!;
      scaled[map.kernel] = float32(
        shape,
        Float32Array.from(data, (value, i) => value / prior[Math.floor(i / map.units)]!),
      );
      yield;
    }
    return scaled;
  },
  deviation: (leaves, precision, key) =>
    Object.assign(
      {},
      ...scope.maps.map((map) => {
        const z = normal(fold(key, map.kernel), [map.inputs, map.units]);
        return asParameters(map, mul(div(z, sqrt(add(leaves[map.kernel] as Tensor, precision))), priorSpread(scope, map)));
      }),
    ),
  variance(leaves, precision, jacobians) {
    const ofOutput = (c: number) =>
      scope.maps.map((map, i) => {
        const { inputs, gradients } = jacobians[i]!;
        return weightedSquares(inputs, gradients[c]!, div(square(priorSpread(scope, map)), add(leaves[map.kernel] as Tensor, precision)));
      });
    return stack(
      jacobians[0]!.gradients.map((_, c) => ofOutput(c).reduce((a, b) => add(a, b))),
      -1,
    );
  },
  logDeterminant: (leaves, precision) => scope.maps.reduce((total, { kernel }) => total + sumOfLogs(leaves[kernel]!.data, precision), 0),
});
