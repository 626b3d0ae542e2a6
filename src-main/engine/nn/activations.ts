/** @file Elementwise nonlinearities that layers offer. */
import { elu, leakyRelu, relu, sigmoid, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

export const Activation = z.enum(['relu', 'tanh', 'sigmoid', 'elu', 'leaky-relu', 'linear']);
export type Activation = z.infer<typeof Activation>;

export const activations: { readonly [name in Activation]: (x: Tensor) => Tensor } = {
  relu,
  tanh,
  sigmoid,
  elu,
  'leaky-relu': (x) => leakyRelu(x, 0.01),
  linear: (x) => x,
};
