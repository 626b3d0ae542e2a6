/** @file Elementwise nonlinearities that layers offer. */
import { add, elu, erf, leakyRelu, mul, relu, selu, sigmoid, softplus, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

export const Activation = z.enum(['relu', 'leaky-relu', 'elu', 'selu', 'gelu', 'softplus', 'tanh', 'sigmoid', 'linear']);
export type Activation = z.infer<typeof Activation>;

/** selu: Klambauer et al. (2017), Self-Normalizing Neural Networks, eq. 2; gelu: Hendrycks & Gimpel (2016), Gaussian Error Linear Units, exact form. */
export const activations: { readonly [name in Activation]: (x: Tensor) => Tensor } = {
  relu,
  'leaky-relu': (x) => leakyRelu(x, 0.01),
  elu,
  selu,
  // x Φ(x)
  gelu: (x) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)),
  softplus,
  tanh,
  sigmoid,
  linear: (x) => x,
};
