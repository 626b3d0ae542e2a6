/** @file The factors of KFRA: the curvature of the units is carried backwards from layer to layer, as one average over all rows. */
import { reshape, sum, valueAndGrads, add, zeros, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { invariant } from '../../contract/errors';
import { withWeights } from '../numerics/affine';
import type { Interruptible } from '../numerics/interruptible';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';
import type { Scope } from './laplace-curvature';
import type { FactorSource } from './laplace-kronecker';
import { gram, outputJacobian, type MapMatrix } from './output-jacobian';

/**
 * H_L = Λ of the outputs, H_l = (W_{l+1} H_{l+1} W_{l+1}ᵀ) ⊙ E[b_l b_lᵀ], b_l = φ′ at the units of layer l. Exact for one row of a network
 * that is linear by pieces; for many rows it takes the curvature above a layer and the slopes in it as independent.
 * The sweep sums Λ and b bᵀ; the recursion runs once, after it.
 *
 * @see Botev, Ritter & Barber (2017), Practical Gauss–Newton optimisation for deep learning, eq. 24–26.
 */
export const kfraFactors = (scope: Scope): FactorSource => ({
  sweep(params, x, key) {
    const { maps, target } = scope;
    const { outputs, jacobians } = outputJacobian(target, params, x, key, maps, () => []);
    const slopes = activationSlopes(scope, params, x, key);
    const { outputCurvature } = target;
    invariant(outputCurvature, 'the likelihood has no curvature');
    const last = outputCurvature
      .root(outputs, params)
      .map(gram)
      .reduce((a, b) => add(a, b));
    return maps.map((_, i) => ({ inputs: gram(jacobians[i]!.inputs), units: slopes[i] ? gram(slopes[i]) : last }));
  },
  *recurse(swept, params) {
    const { maps, target } = scope;
    const curvatures = [...swept];
    for (let l = maps.length - 2; l >= 0; l--) {
      const { kernel, units } = maps[l + 1]!;
      const above = yield* carry(params[kernel]!.data, maps[l]!.units, units, curvatures[l + 1]!);
      curvatures[l] = above.map((value, i) => (value * swept[l]![i]!) / target.rows);
    }
    return curvatures;
  },
});

/** φ′ at the units of every map but the last, [rows, units]: the gradient of what the next map is given by what this one gave. */
function activationSlopes({ target, maps }: Scope, params: Params, x: Tensor, key: Key): readonly (Tensor | undefined)[] {
  if (maps.length < 2) return [];
  const units: Tensor[] = [];
  target.forward(params, x, key, (map, input) => {
    const y = withWeights(params)(map, input);
    units.push(y);
    return y;
  });
  const given = (...outputs: Tensor[]): Scalar => {
    let call = 0;
    let total: Tensor = zeros([]);
    target.forward(params, x, key, (_map, input) => {
      if (call > 0) total = add(total, sum(input));
      return outputs[call++] ?? units.at(-1)!;
    });
    return total as Scalar;
  };
  return valueAndGrads(given)(units.slice(0, -1)).grads.map((slope) => reshape(slope, [x.shape[0]!, -1]));
}

/** W H Wᵀ of W [inputs, units], H [units, units] symmetric. */
export function* carry(kernel: ArrayLike<number>, inputs: number, units: number, curvature: Float64Array): Interruptible<Float64Array> {
  const half = new Float64Array(inputs * units); // W H
  for (let i = 0; i < inputs; i++) {
    const row = half.subarray(i * units, (i + 1) * units);
    for (let u = 0; u < units; u++) {
      const w = kernel[i * units + u]!;
      const from = u * units;
      for (let v = 0; v < units; v++) row[v]! += w * curvature[from + v]!;
    }
    yield;
  }
  const result = new Float64Array(inputs * inputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j <= i; j++) {
      let total = 0;
      for (let u = 0; u < units; u++) total += half[i * units + u]! * kernel[j * units + u]!;
      result[i * inputs + j] = result[j * inputs + i] = total;
    }
    yield;
  }
  return result;
}

/** Why the recursion cannot run through these maps, if it cannot. */
export function kfraProblem(maps: readonly MapMatrix[]): string | undefined {
  const broken = maps.find((map, i) => map.kernelShape.length !== 2 || (i > 0 && map.kernelShape[0] !== maps[i - 1]!.units));
  return broken && `KFRA is for networks of dense layers, one after the other, which ${broken.kernel} is not part of; choose KFAC.`;
}
