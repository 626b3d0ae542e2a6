/** @file Where the parameters start. */
import { fill, mul, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ParameterSpec } from '../numerics/parameter';
import { fold, normal, uniform, type Key } from '../numerics/random';

export const Initialisation = z.enum(['fan-in', 'he', 'glorot', 'uniform']);
export type Initialisation = z.infer<typeof Initialisation>;

/**
 * First value of a parameter: what it declares itself, or what its layer says, or else what the method says.
 *
 * - fan-in: kernel and bias U(±1/√fan-in), PyTorch's default for linear layers
 * - he: kernel N(0, 2/fan-in), bias 0 (He et al. 2015, eq. 10)
 * - glorot: kernel U(±√(6/(fan-in + fan-out))), bias 0 (Glorot & Bengio 2010, eq. 16)
 * - uniform: kernel and bias U(±range)
 * - constant: all the same
 */
export function initialise(spec: ParameterSpec, scheme: Initialisation, range: number, key: Key): Tensor {
  const shape = [...spec.shape];
  if (spec.start !== undefined) return fill(shape, spec.start);
  const own = fold(key, spec.name);
  const within = (bound: number) => uniform(own, shape, -bound, bound);
  const chosen = spec.initialisation ?? { scheme, value: range };
  switch (chosen.scheme) {
    case 'fan-in':
      return within(1 / Math.sqrt(spec.fanIn));
    case 'he':
      return spec.role === 'bias' ? zeros(shape) : mul(normal(own, shape), Math.sqrt(2 / spec.fanIn));
    case 'glorot':
      return spec.role === 'bias' ? zeros(shape) : within(Math.sqrt(6 / (spec.fanIn + spec.fanOut)));
    case 'uniform':
      return within(chosen.value);
    case 'constant':
      return fill(shape, chosen.value);
  }
}
