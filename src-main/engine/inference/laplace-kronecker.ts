/** @file Laplace with one Kronecker product for each layer: what its inputs have in common, times how the outputs curve in its units. */
import { add, div, expandDims, matMul, mul, reshape, sqrt, stack, type Tensor } from '@tensorflow/tfjs-core';
import { float32, type HostTensors } from '../numerics/host-tensor';
import type { Interruptible } from '../numerics/interruptible';
import { fold, normal, type Key } from '../numerics/random';
import type { State } from '../numerics/step';
import type { Params } from '../numerics/tree';
import {
  priorSpread,
  curvatureJacobian,
  hostByRow,
  positiveEigen,
  priorPrecision,
  sumOfLogs,
  weightedSquares,
  type Curvature,
  type Scope,
} from './laplace-curvature';
import { asParameters, gram, type MapMatrix } from './output-jacobian';

/** Sums over the rows of each map, in their order: of the inputs' products [inputs, inputs], and of what becomes the units' curvature [units, units]. */
export type Factors = readonly { readonly inputs: Tensor; readonly units: Tensor }[];

/** Where the factors come from; the rest is the same for every Kronecker-factored form. */
export interface FactorSource {
  sweep(params: Params, x: Tensor, key: Key): Factors;
  /** Sums of the units' curvature [units, units] over the rows, where the swept ones are not yet that. */
  recurse?(swept: readonly Float64Array[], params: HostTensors): Interruptible<readonly Float64Array[]>;
}

/** How the prior's precision enters each product. */
export type Damping = 'eigenbasis' | 'factored';

/** A = Σ_rows Σ_places a aᵀ and G = Σ_rows g gᵀ, averaged over places: Martens & Grosse (2015), eq. 1; with places Grosse & Martens (2016), theorem 1. */
export const kfacFactors = (scope: Scope): FactorSource => ({
  sweep: (params, x, key) =>
    curvatureJacobian(scope, params, x, key).map(({ inputs, gradients }) => ({
      inputs: gram(inputs),
      units: div(
        gradients.map(gram).reduce((a, b) => add(a, b)),
        inputs.shape[1]!,
      ),
    })),
});

/**
 * Precision of a layer's W, over the prior's: (A ⊗ G)/N + s I, s the prior's multiple, in the joint eigenbasis of A and G.
 * factored: (√N A/N + √(s τ) I) ⊗ (√N G/N + √(s τ) I), which is larger: it shrinks the variances.
 *
 * After the sweep `inputs` and `units` hold eigenvectors as rows, their eigenvalues scaled so that the product of two is one of A ⊗ G/(N τ).
 * @see Ritter, Botev & Barber (2018), A scalable Laplace approximation for neural networks, eq. 8 and 9 (factored).
 */
export function kroneckerCurvature(scope: Scope, source: FactorSource, damping: Damping): Curvature {
  const { maps, target } = scope;
  const of = (leaves: State, kernel: string) => leaves[kernel] as { readonly [leaf in 'inputs' | 'inputValues' | 'units' | 'unitValues']: Tensor };
  /** Of the posterior over the prior trained with, in the joint eigenbasis [inputs, units]. */
  const precisions = (leaves: State, { kernel }: MapMatrix, precision: Tensor): Tensor => {
    const { inputValues, unitValues } = of(leaves, kernel);
    return damping === 'eigenbasis'
      ? add(mul(expandDims(inputValues, 1), unitValues), precision)
      : mul(add(expandDims(inputValues, 1), sqrt(precision)), add(unitValues, sqrt(precision)));
  };
  return {
    shapes: Object.assign(
      {},
      ...maps.map(({ kernel, inputs, units }) => ({
        [`${kernel}/inputs`]: [inputs, inputs],
        [`${kernel}/inputValues`]: [inputs],
        [`${kernel}/units`]: [units, units],
        [`${kernel}/unitValues`]: [units],
      })),
    ),
    sweep: (leaves, params, x, key) =>
      Object.fromEntries(
        source.sweep(params, x, key).map(({ inputs, units }, i) => {
          const { kernel } = maps[i]!;
          const own = of(leaves, kernel);
          return [kernel, { ...own, inputs: add(own.inputs, inputs), units: add(own.units, units) }];
        }),
      ),
    *diagonalise(leaves, params, report) {
      const swept = maps.map(({ kernel }) => Float64Array.from(leaves[`${kernel}/units`]!.data));
      if (source.recurse) report.progress('carrying the curvature back through the layers');
      const curvatures = source.recurse ? yield* source.recurse(swept, params) : swept;
      const decomposed: Record<string, HostTensors[string]> = {};
      for (const [i, map] of maps.entries()) {
        const { kernel, inputs, units } = map;
        const prior = priorPrecision(scope, map);
        // Scaled to 1/(√N √τ) on either side, where the bias may have a precision of its own.
        const side = Math.sqrt(target.rows) * Math.sqrt(prior.kernel);
        const scale = hostByRow(map, { kernel: 1, bias: Math.sqrt(prior.kernel / prior.bias) });
        const ofInputs = Float64Array.from(
          leaves[`${kernel}/inputs`]!.data,
          (value, j) => (value * scale[Math.floor(j / inputs)]! * scale[j % inputs]!) / side,
        );
        report.progress(`decomposing the curvature of ${kernel}, ${i + 1} of ${maps.length}`);
        const left = yield* positiveEigen(ofInputs, inputs, `the inputs of ${kernel}`, report);
        const right = yield* positiveEigen(
          curvatures[i]!.map((value) => value / side),
          units,
          `the units of ${kernel}`,
          report,
        );
        Object.assign(decomposed, {
          [`${kernel}/inputs`]: float32([inputs, inputs], left.vectors),
          [`${kernel}/inputValues`]: float32([inputs], left.values),
          [`${kernel}/units`]: float32([units, units], right.vectors),
          [`${kernel}/unitValues`]: float32([units], right.values),
        });
      }
      return decomposed;
    },
    deviation: (leaves, precision, key) =>
      Object.assign(
        {},
        ...maps.map((map) => {
          const { inputs, units } = of(leaves, map.kernel);
          const z = div(normal(fold(key, map.kernel), [map.inputs, map.units]), sqrt(precisions(leaves, map, precision)));
          const matrix = matMul(matMul(inputs, z, true, false), units);
          return asParameters(map, mul(matrix, priorSpread(scope, map)));
        }),
      ),
    variance(leaves, precision, jacobians) {
      const ofMap = (map: MapMatrix, i: number): Tensor => {
        const { inputs, units } = of(leaves, map.kernel);
        const turned = (x: Tensor, basis: Tensor) => reshape(matMul(reshape(x, [-1, x.shape[2]!]), basis, false, true), x.shape);
        const { inputs: given, gradients } = jacobians[i]!;
        const along = turned(mul(given, reshape(priorSpread(scope, map), [-1])), inputs);
        const weights = div(1, precisions(leaves, map, precision));
        return stack(
          gradients.map((gradient) => weightedSquares(along, turned(gradient, units), weights)),
          -1,
        );
      };
      return maps.map(ofMap).reduce((a, b) => add(a, b));
    },
    logDeterminant: (leaves, precision) =>
      maps.reduce((total, { kernel, inputs, units }) => {
        const [a, g] = [leaves[`${kernel}/inputValues`]!.data, leaves[`${kernel}/unitValues`]!.data];
        if (damping === 'factored') return total + units * sumOfLogs(a, Math.sqrt(precision)) + inputs * sumOfLogs(g, Math.sqrt(precision));
        for (const value of a) for (const other of g) total += Math.log(value * other + precision);
        return total;
      }, 0),
  };
}
