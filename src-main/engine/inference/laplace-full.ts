/** @file Laplace with the full precision matrix, for small networks. */
import { add, concat, div, matMul, mul, reshape, slice, sqrt, square, stack, sum, type Tensor } from '@tensorflow/tfjs-core';
import { float32 } from '../numerics/host-tensor';
import { normal } from '../numerics/random';
import { priorSpread, curvatureJacobian, hostByRow, positiveEigen, priorPrecision, sumOfLogs, type Curvature, type Scope } from './laplace-curvature';
import { asParameters, gram, type MapJacobian, type MapMatrix } from './output-jacobian';

/** H + τ I with H the generalised Gauss–Newton matrix; after the sweep, T^(−½) H T^(−½) = Vᵀ Λ V with T the prior's precisions. */
export function fullCurvature(scope: Scope): Curvature {
  const { maps } = scope;
  const sizes = maps.map(({ inputs, units }) => inputs * units);
  const total = sizes.reduce((a, b) => a + b, 0);
  /** ∂/∂w of one cotangent, [rows, weights]; scaled by row where that is given. */
  const perRow = (jacobians: readonly MapJacobian[], c: number, scale?: (map: MapMatrix) => Tensor): Tensor =>
    concat(
      jacobians.map(({ inputs, gradients }, i) => {
        const own = matMul(inputs, gradients[c]!, true, false);
        return reshape(scale ? mul(own, scale(maps[i]!)) : own, [inputs.shape[0]!, sizes[i]!]);
      }),
      1,
    );
  return {
    shapes: { hessian: [total, total], values: [total] },
    sweep(leaves, params, x, key) {
      const jacobians = curvatureJacobian(scope, params, x, key);
      const hessian = jacobians[0]!.gradients.map((_, c) => gram(perRow(jacobians, c))).reduce((sum, one) => add(sum, one), leaves['hessian'] as Tensor);
      return { hessian, values: leaves['values'] as Tensor };
    },
    *diagonalise(leaves, _params, report) {
      const scale = Float64Array.from(
        maps.flatMap((map) => [...hostByRow(map, priorPrecision(scope, map))].flatMap((p) => Array<number>(map.units).fill(1 / Math.sqrt(p)))),
      );
      report.progress(`decomposing the curvature of ${total} weights`);
      const hessian = Float64Array.from(leaves['hessian']!.data, (value, i) => value * scale[Math.floor(i / total)]! * scale[i % total]!);
      const { values, vectors } = yield* positiveEigen(hessian, total, 'the network', report);
      return { hessian: float32([total, total], vectors), values: float32([total], values) };
    },
    deviation(leaves, precision, key) {
      const z = div(normal(key, [total]), sqrt(add(leaves['values'] as Tensor, precision)));
      const whitened = matMul(reshape(z, [1, total]), leaves['hessian'] as Tensor);
      let first = 0;
      return Object.assign(
        {},
        ...maps.map((map, i) => {
          const own = reshape(slice(whitened, [0, first], [1, sizes[i]!]), [map.inputs, map.units]);
          first += sizes[i]!;
          return asParameters(map, mul(own, priorSpread(scope, map)));
        }),
      );
    },
    variance(leaves, precision, jacobians) {
      const ofOutput = (c: number) => {
        const along = matMul(
          perRow(jacobians, c, (map) => priorSpread(scope, map)),
          leaves['hessian'] as Tensor,
          false,
          true,
        );
        return sum(div(square(along), add(leaves['values'] as Tensor, precision)), -1);
      };
      return stack(
        jacobians[0]!.gradients.map((_, c) => ofOutput(c)),
        -1,
      );
    },
    logDeterminant: (leaves, precision) => sumOfLogs(leaves['values']!.data, precision),
  };
}
