/** @file The affine map that dense and output layers share. */
import { add, broadcastTo, expandDims, matMul, type Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../numerics/tree';
import type { LayerParameter } from './layer';

export const affineParameters = (features: number, units: number, bias: boolean): readonly LayerParameter[] => {
  const fans = { fanIn: features, fanOut: units, bayesian: true };
  return [
    { name: 'kernel', shape: [features, units], role: 'kernel', ...fans },
    ...(bias ? [{ name: 'bias', shape: [units], role: 'bias', ...fans } as const] : []),
  ];
};

/**
 * y = x W + b, for one network or for K members at once.
 * Shapes: x [rows, features], kernel [features, units], bias [units] → [rows, units];
 * x [rows, features] or [K, rows, features], kernel [K, features, units], bias [K, units] → [K, rows, units].
 */
export function affine({ kernel, bias }: Params, x: Tensor): Tensor {
  const members = kernel!.rank === 3;
  // TF.js's matMul broadcasts, but its gradient does not sum the broadcast axis back: so x is repeated here.
  const input = members && x.rank === 2 ? broadcastTo(x, [kernel!.shape[0]!, ...x.shape]) : x;
  const product = matMul(input, kernel!);
  if (!bias) return product;
  return add(product, members ? expandDims(bias, 1) : bias);
}
