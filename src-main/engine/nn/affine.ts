/** @file What dense and output layers share. */
import { broadcastTo, matMul } from '@tensorflow/tfjs-core';
import type { Product } from '../numerics/affine';
import type { LayerParameter } from './layer';

export const affineParameters = (features: number, units: number, bias: boolean): readonly LayerParameter[] => {
  const common = { fanIn: features, fanOut: units, bayesian: true, affine: 'once' } as const;
  return [
    { name: 'kernel', shape: [features, units], role: 'kernel', ...common },
    ...(bias ? [{ name: 'bias', shape: [units], role: 'bias', ...common } as const] : []),
  ];
};

/**
 * x W, for one network or for K members at once.
 * Shapes: x [rows, features], kernel [features, units] → [rows, units];
 * x [rows, features] or [K, rows, features], kernel [K, features, units] → [K, rows, units].
 */
export const matrixProduct: Product = (x, kernel) => {
  const members = kernel.rank === 3;
  // TF.js's matMul broadcasts, but its gradient does not sum the broadcast axis back: so x is repeated here.
  return matMul(members && x.rank === 2 ? broadcastTo(x, [kernel.shape[0]!, ...x.shape]) : x, kernel);
};
