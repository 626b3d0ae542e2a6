/** @file First-order optimisers as pure updates of parameter trees. All minimise. */
import { add, div, mul, sqrt, square, sub, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Hyper, State } from '../numerics/step';
import { mapTree } from '../numerics/tree';

const decay = (value: number) => z.number().min(0).max(0.9999).default(value);

/** Settings of every method that follows gradients. */
export const optimiserSettings = {
  optimiser: z
    .enum(['sgd', 'momentum', 'adam'])
    .default('adam')
    .meta({ title: 'Optimiser', description: 'The reference repository uses plain SGD for Bayes by Backprop, and momentum 0.5 for MAP.' }),
  learningRate: z.number().min(1e-8).max(100).default(1e-3).meta({
    title: 'Learning rate',
    scale: 'log',
    description:
      'Step along the gradient of the objective per row. About 0.001 for Adam and 0.1 for SGD. Rates given for a loss summed over the batch, as in the reference repository, are multiplied by the batch size: its 0.001 is 0.1 at batch 100.',
  }),
  momentum: decay(0.5).meta({ title: 'Momentum', description: 'Share of the last step’s direction that is kept.', when: { optimiser: ['momentum'] } }),
  beta1: decay(0.9).meta({ title: 'Adam β₁', description: 'Decay of the gradient’s running mean.', advanced: true, when: { optimiser: ['adam'] } }),
  beta2: decay(0.999).meta({ title: 'Adam β₂', description: 'Decay of the squared gradient’s running mean.', advanced: true, when: { optimiser: ['adam'] } }),
};
export type OptimiserSettings = z.output<z.ZodObject<typeof optimiserSettings>>;

export interface Optimiser {
  init<T extends State>(parameters: T): State;
  /** Scalars of the given step, counted from 0; the same names for every step. */
  hyper(step: number): { readonly [name: string]: number };
  update<T extends State>(state: State, parameters: T, gradients: T, hyper: Hyper): { readonly parameters: T; readonly state: State };
}

const zerosLike = <T extends State>(tree: T): T => mapTree((leaf) => zeros(leaf.shape), tree);
/** a + rate (b − a) */
const towards = (a: Tensor, b: Tensor, rate: number): Tensor => add(a, mul(sub(b, a), rate));

const optimisers: { readonly [id in OptimiserSettings['optimiser']]: (settings: OptimiserSettings) => Optimiser } = {
  /** p ← p − η g */
  sgd: ({ learningRate }) => ({
    init: () => ({}),
    hyper: () => ({ learningRate }),
    update: (_state, parameters, gradients, hyper) => ({
      parameters: mapTree((p, g) => sub(p, mul(g, hyper['learningRate']!)), parameters, gradients),
      state: {},
    }),
  }),

  /** v ← m v + g, p ← p − η v (Polyak 1964, as in PyTorch) */
  momentum: ({ learningRate, momentum }) => ({
    init: (parameters) => ({ velocity: zerosLike(parameters) }),
    hyper: () => ({ learningRate }),
    update(state, parameters, gradients, hyper) {
      const velocity = mapTree((g, v) => add(mul(v, momentum), g), gradients, state['velocity'] as State);
      return { parameters: mapTree((p, v) => sub(p, mul(v, hyper['learningRate']!)), parameters, velocity), state: { velocity } };
    },
  }),

  /** Kingma & Ba (2015), algorithm 1; the bias corrections are folded into two host scalars (end of their sec. 2), ε scaled so that nothing changes. */
  adam: ({ learningRate, beta1, beta2 }) => ({
    init: (parameters) => ({ first: zerosLike(parameters), second: zerosLike(parameters) }),
    hyper(step) {
      const correction = Math.sqrt(1 - beta2 ** (step + 1));
      return { learningRate: (learningRate * correction) / (1 - beta1 ** (step + 1)), epsilon: 1e-8 * correction };
    },
    update(state, parameters, gradients, hyper) {
      const first = mapTree((g, m) => towards(m, g, 1 - beta1), gradients, state['first'] as State);
      const second = mapTree((g, v) => towards(v, square(g), 1 - beta2), gradients, state['second'] as State);
      const step = (p: Tensor, m: Tensor, v: Tensor) => sub(p, div(mul(m, hyper['learningRate']!), add(sqrt(v), hyper['epsilon']!)));
      return { parameters: mapTree((p, m, v) => step(p, m, v), parameters, first, second), state: { first, second } };
    },
  }),
};

export const makeOptimiser = (settings: OptimiserSettings): Optimiser => optimisers[settings.optimiser](settings);
