/** @file SGLD whose steps are scaled by the gradient's running size, as RMSprop scales those of descent. */
import { add, mul, reciprocal, sqrt, square, sub, onesLike } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fold } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { langevin, langevinMove, langevinSettings } from './langevin';
import { defineMethod, type Algorithm } from './method';
import { drawChains, gradientOf, initialParams, potential, samplerMetrics, samplerProblems, type SamplerState } from './sampler';
import { withFloor } from './scale-adaptation';
import { stepSizeSetting } from './sampler-settings';

interface PsgldState extends SamplerState {
  /** Running mean V of the squared gradient, from 1 on: from 0 a gradient that is small by chance in the first step would throw its weight far out. */
  readonly square: Params;
}

/** V ← αV + (1 − α)(∇U)², G = 1/(√V + λ), θ ← θ − ε/2 G ∇U + √(εT G) ξ. The drift Γ = ∂G/∂θ is left out: zero where G is frozen, else a bias. */
export const psgld = defineMethod({
  id: 'psgld',
  title: 'pSGLD',
  reference: 'Li et al. (2016), Preconditioned Stochastic Gradient Langevin Dynamics, algorithm 1 without Γ',
  help: 'SGLD with a step size for each weight, from the size of its recent gradients, as RMSprop has: flat directions are crossed in long steps. The step sizes are learnt during the burn-in and then frozen, since a preconditioner that goes on changing biases the draws (towards a wider posterior where gradients are noise); the reference repository lets it change.',
  settings: z.strictObject({
    stepSize: stepSizeSetting(1e-4, 'ε; the step of each weight is ε/√V, V the mean square of its gradient. The reference repository uses 0.0001 for MNIST.'),
    decay: z
      .number()
      .min(0)
      .max(0.9999)
      .default(0.99)
      .meta({ title: 'Decay', description: 'α: share of the running mean square that is kept at each step.', advanced: true }),
    damping: z
      .number()
      .min(1e-12)
      .max(1)
      .default(1e-8)
      .meta({ title: 'Damping', description: 'λ, added to √V: bounds the step where a gradient is 0.', scale: 'log', advanced: true }),
    adaptation: z
      .enum(['burn-in', 'always'])
      .default('burn-in')
      .meta({ title: 'Adapts', description: 'burn-in: the preconditioner is frozen when the first draw is kept. always: as in the reference repository.' }),
    ...langevinSettings,
  }),
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  metrics: samplerMetrics,
  problems: (target, settings) => [
    ...samplerProblems('pSGLD', target),
    ...(settings.adaptation === 'burn-in' && settings.burnIn === 0
      ? ['pSGLD learns its preconditioner during the burn-in, of which there is none; give a burn-in above 0, or let it adapt always.']
      : []),
  ],
  build(target, settings): Algorithm<PsgldState> {
    const { chains, decay, damping } = settings;
    const step =
      (next: (running: Params, gradient: Params) => Params): Algorithm<PsgldState>['steps'][string] =>
      (state, batch, key, hyper) => {
        const { force, info } = potential(target, state.params, batch, key, chains);
        const gradient = gradientOf(force);
        const running = next(state.square, gradient);
        const metric = mapParams((_name, v) => reciprocal(add(sqrt(v), damping)), running);
        return { state: { params: langevin(target, settings, state.params, gradient, fold(key, 'langevin'), hyper, metric), square: running }, info };
      };
    return {
      init(key) {
        const params = initialParams(target, settings, key);
        return { params, square: mapParams((_name, value) => onesLike(value), params) };
      },
      steps: {
        adapt: step((running, gradient) =>
          withFloor(
            mapParams((_name, v, g) => add(v, mul(sub(square(g), v), 1 - decay)), running, gradient),
            running,
          ),
        ),
        sample: step((running) => running),
      },
      schedule: (time) => langevinMove(settings, time, (burningIn) => (burningIn || settings.adaptation === 'always' ? 'adapt' : 'sample')),
      ...drawChains(chains),
    };
  },
});
