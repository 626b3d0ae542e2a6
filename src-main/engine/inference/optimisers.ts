/** @file First-order optimisers as pure updates of parameter trees. All minimise. */
import { add, div, mul, sqrt, square, sub, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { HostTensors } from '../numerics/host-tensor';
import type { Hyper, State } from '../numerics/step';
import { mapTree } from '../numerics/tree';
import { learningRateAt, learningRateSettings } from './learning-rate-schedule';
import type { Time } from './method';

const decay = (value: number) => z.number().min(0).max(0.9999).default(value);

/** Settings of every method that follows gradients. */
export const optimiserSettings = {
  optimiser: z.enum(['sgd', 'momentum', 'nesterov', 'adam', 'adadelta', 'rmsprop']).default('adam').meta({
    title: 'Optimiser',
    description:
      'The reference repository uses plain SGD for Bayes by Backprop, and momentum 0.5 for MAP. Only Adam’s memory tells the diagnosis how noisy the gradient is.',
  }),
  ...learningRateSettings,
  momentum: decay(0.5).meta({
    title: 'Momentum',
    description: 'Share of the last step’s direction that is kept.',
    when: { optimiser: ['momentum', 'nesterov'] },
  }),
  beta1: decay(0.9).meta({ title: 'Adam β₁', description: 'Decay of the gradient’s running mean.', advanced: true, when: { optimiser: ['adam'] } }),
  beta2: decay(0.999).meta({ title: 'Adam β₂', description: 'Decay of the squared gradient’s running mean.', advanced: true, when: { optimiser: ['adam'] } }),
  squareDecay: decay(0.9).meta({
    title: 'Decay of squares',
    description: 'Decay of the squared gradient’s running mean. PyTorch uses 0.9 for Adadelta and 0.99 for RMSprop.',
    advanced: true,
    when: { optimiser: ['adadelta', 'rmsprop'] },
  }),
};
export type OptimiserSettings = z.output<z.ZodObject<typeof optimiserSettings>>;

export interface Optimiser {
  init<T extends State>(parameters: T): State;
  /** Scalars of the step to be taken; the same names for every step. */
  hyper(time: Time): { readonly [name: string]: number };
  update<T extends State>(state: State, parameters: T, gradients: T, hyper: Hyper): { readonly parameters: T; readonly state: State };
  /** Signal-to-noise ratio of the gradient of the leaf at `path` after so many steps, from the memory on the host ('first/mean/w' …); null while unknown. */
  gradientSignal?(memory: HostTensors, path: string, steps: number): number | null;
}

const zerosLike = <T extends State>(tree: T): T => mapTree((leaf) => zeros(leaf.shape), tree);
/** a + rate (b − a) */
const towards = (a: Tensor, b: Tensor, rate: number): Tensor => add(a, mul(sub(b, a), rate));
/** p − η step */
const descend = <T extends State>(parameters: T, step: T, hyper: Hyper): T => mapTree((p, d) => sub(p, mul(d, hyper['learningRate']!)), parameters, step);

const optimisers: { readonly [id in OptimiserSettings['optimiser']]: (settings: OptimiserSettings) => Optimiser } = {
  /** p ← p − η g */
  sgd: (settings) => ({
    init: () => ({}),
    hyper: (time) => ({ learningRate: learningRateAt(settings, time) }),
    update: (_state, parameters, gradients, hyper) => ({ parameters: descend(parameters, gradients, hyper), state: {} }),
  }),

  /** v ← m v + g, p ← p − η v (Polyak 1964, as in PyTorch) */
  momentum: (settings) => withVelocity(settings, (velocity) => velocity),

  /** v ← m v + g, p ← p − η (g + m v) (Nesterov 1983 in the form of Sutskever et al. 2013, as in PyTorch) */
  nesterov: (settings) => withVelocity(settings, (velocity, gradients) => mapTree((v, g) => add(g, mul(v, settings.momentum)), velocity, gradients)),

  /** Kingma & Ba (2015), algorithm 1; the bias corrections are folded into two host scalars (end of their sec. 2), ε scaled so that nothing changes. */
  adam: ({ beta1, beta2, ...settings }) => ({
    init: (parameters) => ({ first: zerosLike(parameters), second: zerosLike(parameters) }),
    hyper(time) {
      const correction = Math.sqrt(1 - beta2 ** (time.step + 1));
      return { learningRate: (learningRateAt(settings, time) * correction) / (1 - beta1 ** (time.step + 1)), epsilon: 1e-8 * correction };
    },
    update(state, parameters, gradients, hyper) {
      const first = mapTree((g, m) => towards(m, g, 1 - beta1), gradients, state['first'] as State);
      const second = mapTree((g, v) => towards(v, square(g), 1 - beta2), gradients, state['second'] as State);
      const step = (p: Tensor, m: Tensor, v: Tensor) => sub(p, div(mul(m, hyper['learningRate']!), add(sqrt(v), hyper['epsilon']!)));
      return { parameters: mapTree((p, m, v) => step(p, m, v), parameters, first, second), state: { first, second } };
    },
    // Both means corrected for their start at 0. Of noise alone, the running mean's square is the share (1 − β₁)/(1 + β₁) · (1 + β₁ᵗ)/(1 − β₁ᵗ)
    // of the mean square; a signal has all of it.
    gradientSignal(memory, path, steps) {
      const [first, second] = [memory[`first/${path}`]?.data ?? [], memory[`second/${path}`]?.data ?? []];
      const squares = sumOf(second, (v) => v) / (1 - beta2 ** steps);
      const share = sumOf(first, (m) => m * m) / (1 - beta1 ** steps) ** 2 / squares;
      const noise = (((1 - beta1) / (1 + beta1)) * (1 + beta1 ** steps)) / (1 - beta1 ** steps);
      return squares > 0 && share < 1 ? Math.sqrt(Math.max(0, share - noise) / (1 - share)) : null;
    },
  }),

  /** Zeiler (2012), ADADELTA, algorithm 1 with ε = 10⁻⁶, its step scaled by η */
  adadelta: ({ squareDecay, ...settings }) => ({
    init: (parameters) => ({ squares: zerosLike(parameters), steps: zerosLike(parameters) }),
    hyper: (time) => ({ learningRate: learningRateAt(settings, time) }),
    update(state, parameters, gradients, hyper) {
      const before = state['steps'] as State;
      const squares = mapTree((g, v) => towards(v, square(g), 1 - squareDecay), gradients, state['squares'] as State);
      const step = mapTree((g, v, u) => mul(g, sqrt(div(add(u, 1e-6), add(v, 1e-6)))), gradients, squares, before);
      const steps = mapTree((d, u) => towards(u, square(d), 1 - squareDecay), step, before);
      return { parameters: descend(parameters, step, hyper), state: { squares, steps } };
    },
  }),

  /** v ← ρ v + (1 − ρ) g², p ← p − η g/(√v + 10⁻⁸) (Tieleman & Hinton 2012, lecture 6e) */
  rmsprop: ({ squareDecay, ...settings }) => ({
    init: (parameters) => ({ squares: zerosLike(parameters) }),
    hyper: (time) => ({ learningRate: learningRateAt(settings, time) }),
    update(state, parameters, gradients, hyper) {
      const squares = mapTree((g, v) => towards(v, square(g), 1 - squareDecay), gradients, state['squares'] as State);
      const step = mapTree((g, v) => div(g, add(sqrt(v), 1e-8)), gradients, squares);
      return { parameters: descend(parameters, step, hyper), state: { squares } };
    },
  }),
};

/** Σ f(xᵢ) */
function sumOf(values: ArrayLike<number>, f: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += f(values[i]!);
  return sum;
}

/** v ← m v + g, and a step along what is made of the new velocity and the gradient. */
function withVelocity(settings: OptimiserSettings, direction: <T extends State>(velocity: T, gradients: T) => T): Optimiser {
  return {
    init: (parameters) => ({ velocity: zerosLike(parameters) }),
    hyper: (time) => ({ learningRate: learningRateAt(settings, time) }),
    update(state, parameters, gradients, hyper) {
      const velocity = mapTree((g, v) => add(mul(v, settings.momentum), g), gradients, state['velocity'] as State);
      return { parameters: descend(parameters, direction(velocity, gradients), hyper), state: { velocity } };
    },
  };
}

export const makeOptimiser = (settings: OptimiserSettings): Optimiser => optimisers[settings.optimiser](settings);
