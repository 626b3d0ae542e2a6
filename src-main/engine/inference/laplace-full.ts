/** @file Laplace with the full precision matrix, for small networks. */
import { add, concat, div, matMul, mul, reshape, slice, sqrt, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { float32 } from '../numerics/host-tensor';
import { normal } from '../numerics/random';
import { byRow, curvatureJacobian, hostByRow, positiveEigen, priorPrecision, sumOfLogs, type Curvature, type Scope } from './laplace-curvature';
import { asParameters, gram } from './output-jacobian';

/** H + τ I with H the generalised Gauss–Newton matrix; after the sweep, T^(−½) H T^(−½) = Vᵀ Λ V with T the prior's precisions. */
export function fullCurvature(scope: Scope): Curvature {
  const { maps } = scope;
  const sizes = maps.map(({ inputs, units }) => inputs * units);
  const total = sizes.reduce((a, b) => a + b, 0);
  return {
    init: () => ({ hessian: zeros([total, total]), values: zeros([total]) }),
    sweep(leaves, params, x, key) {
      const jacobians = curvatureJacobian(scope, params, x, key);
      const rows = x.shape[0]!;
      const perRow = (c: number) =>
        concat(
          jacobians.map(({ inputs, gradients }, i) => reshape(matMul(inputs, gradients[c]!, true, false), [rows, sizes[i]!])),
          1,
        );
      const hessian = jacobians[0]!.gradients.map((_, c) => gram(perRow(c))).reduce((sum, one) => add(sum, one), leaves['hessian'] as Tensor);
      return { hessian, values: leaves['values'] as Tensor };
    },
    diagonalise(leaves, _params, tell) {
      const scale = Float64Array.from(
        maps.flatMap((map) => [...hostByRow(map, priorPrecision(scope, map))].flatMap((p) => Array<number>(map.units).fill(1 / Math.sqrt(p)))),
      );
      tell(`decomposing the curvature of ${total} weights`);
      const hessian = Float64Array.from(leaves['hessian']!.data, (value, i) => value * scale[Math.floor(i / total)]! * scale[i % total]!);
      const { values, vectors } = positiveEigen(hessian, total, 'the network', tell);
      return { hessian: float32([total, total], vectors), values: float32([total], values) };
    },
    deviation(leaves, precision, key) {
      const z = div(normal(key, [total]), sqrt(add(leaves['values'] as Tensor, precision)));
      const whitened = matMul(reshape(z, [1, total]), leaves['hessian'] as Tensor);
      let first = 0;
      return Object.assign(
        {},
        ...maps.map((map, i) => {
          const { kernel, bias } = priorPrecision(scope, map);
          const own = reshape(slice(whitened, [0, first], [1, sizes[i]!]), [map.inputs, map.units]);
          first += sizes[i]!;
          return asParameters(map, mul(own, byRow(map, { kernel: 1 / Math.sqrt(kernel), bias: 1 / Math.sqrt(bias) })));
        }),
      );
    },
    logDeterminant: (leaves, precision) => sumOfLogs(leaves['values']!.data, precision),
  };
}
