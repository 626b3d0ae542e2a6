/** @file Where the parameters start. */
import { fill, mul, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ParameterSpec } from '../numerics/parameter';
import { fold, normal, uniform, type Key } from '../numerics/random';

export const Initialisation = z.enum(['fan-in', 'he', 'uniform']);
export type Initialisation = z.infer<typeof Initialisation>;

/**
 * First value of a parameter: what it declares itself, or else drawn at random.
 *
 * - fan-in: kernel and bias U(±1/√fan-in), PyTorch's default for linear layers
 * - he: kernel N(0, 2/fan-in), bias 0 (He et al. 2015, eq. 10)
 * - uniform: kernel and bias U(±range)
 */
export function initialise(spec: ParameterSpec, scheme: Initialisation, range: number, key: Key): Tensor {
  if (spec.start !== undefined) return fill([...spec.shape], spec.start);
  const own = fold(key, spec.name);
  switch (scheme) {
    case 'fan-in':
      return uniform(own, spec.shape, -1 / Math.sqrt(spec.fanIn), 1 / Math.sqrt(spec.fanIn));
    case 'he':
      return spec.role === 'bias' ? zeros([...spec.shape]) : mul(normal(own, spec.shape), Math.sqrt(2 / spec.fanIn));
    case 'uniform':
      return uniform(own, spec.shape, -range, range);
  }
}
