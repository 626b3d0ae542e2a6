/** @file SGLD whose steps are scaled by the gradient's running size, as RMSprop scales those of descent. */
import { add, mul, onesLike, reciprocal, scalar, sqrt, square, sub, sum, zerosLike, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { valuesAndGrad } from '../numerics/autodiff';
import { bernoulli, fold, type Key } from '../numerics/random';
import type { Batch } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { langevin, langevinMove, langevinSettings, movesAtRandom } from './langevin';
import { defineMethod, type Algorithm, type Target } from './method';
import { drawChains, gradientOf, initialParams, potential, samplerMetrics, samplerProblems, total, type SamplerState } from './sampler';
import { withFloor } from './scale-adaptation';
import { stepSizeSetting } from './sampler-settings';

interface PsgldState extends SamplerState {
  /** Running mean V of the squared gradient, from 1 on: from 0 a gradient that is small by chance in the first step would throw its weight far out. */
  readonly square: Params;
}

const psgldSettings = z.strictObject({
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
  correction: z
    .boolean()
    .default(false)
    .meta({
      title: 'Correct the drift (Γ)',
      description:
        'Adds Γ = ∂G/∂θ, which a preconditioner that goes on changing needs for an unbiased chain, estimated along a random direction at each step. A step takes about three times as long. The paper and the reference repository leave it out.',
      advanced: true,
      when: { adaptation: ['always'] },
    }),
  ...langevinSettings,
});
type Settings = z.output<typeof psgldSettings>;

/** V ← αV + (1 − α)(∇U)², G = 1/(√V + λ), θ ← θ − ε/2 (G ∇U − T Γ) + √(εT G) ξ. Γᵢ = ∂Gᵢ/∂θᵢ is zero where G is frozen, and left out unless asked for: then a bias. */
export const psgld = defineMethod({
  id: 'psgld',
  title: 'pSGLD',
  reference: 'Li et al. (2016), Preconditioned Stochastic Gradient Langevin Dynamics, algorithm 1',
  help: 'SGLD with a step size for each weight, from the size of its recent gradients, as RMSprop has: flat directions are crossed in long steps. The step sizes are learnt during the burn-in and then frozen, since a preconditioner that goes on changing biases the draws (towards a wider posterior where gradients are noise); the reference repository lets it change, without the correction Γ that this would need.',
  settings: psgldSettings,
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  metrics: samplerMetrics,
  problems: (target, settings) => [
    ...samplerProblems('pSGLD', target, settings),
    ...(settings.adaptation === 'burn-in' && settings.burnIn === 0
      ? ['pSGLD learns its preconditioner during the burn-in, of which there is none; give a burn-in above 0, or let it adapt always.']
      : []),
    ...(settings.correction && settings.adaptation === 'always'
      ? target.parameters
          .filter(({ role, shape }) => role === 'kernel' && shape.length > 2)
          .slice(0, 1)
          .map(
            ({ name }) =>
              `Γ needs a second derivative, which the convolution ${name} does not have here; turn the correction off, or adapt in the burn-in only, where none is needed.`,
          )
      : []),
  ],
  build(target, settings): Algorithm<PsgldState> {
    const { chains, adaptation, correction } = settings;
    const step =
      (adapts: boolean): Algorithm<PsgldState>['steps'][string] =>
      (state, batch, key, hyper) => {
        const { force, info } = potential(target, state.params, batch, key, chains);
        const gradient = gradientOf(force);
        const running = adapts ? runningSquares(settings, state.square, gradient) : state.square;
        const moved = langevin(target, settings, state.params, gradient, fold(key, 'langevin'), hyper, metricOf(settings, running));
        if (!(correction && adaptation === 'always')) return { state: { params: moved, square: running }, info };
        const drift = correctionOf(target, settings, state, batch, key);
        return {
          state: { params: mapParams((name, theta) => add(theta, mul(drift[name]!, mul(square(hyper['noise']!), 0.5))), moved), square: running },
          info,
        };
      };
    return {
      init(key) {
        const params = initialParams(target, settings, key);
        return { params, square: mapParams((_name, value) => onesLike(value), params) };
      },
      steps: { adapt: step(true), sample: step(false) },
      schedule: (time) => langevinMove(settings, time, (burningIn) => (burningIn || adaptation === 'always' ? 'adapt' : 'sample')),
      ...drawChains(chains),
    };
  },
});

/** V, not below its floor. */
const runningSquares = ({ decay }: Settings, before: Params, gradient: Params): Params =>
  withFloor(
    mapParams((_name, v, g) => add(v, mul(sub(square(g), v), 1 - decay)), before, gradient),
    before,
  );

/** The diagonal of G. */
const metricOf = ({ damping }: Settings, squares: Params): Params => mapParams((_name, v) => reciprocal(add(sqrt(v), damping)), squares);

/**
 * z ⊙ ∂(z·G)/∂θ with random signs z, whose mean is the diagonal Γ of ∂G/∂θ: a pass through the gradient instead of one for each weight.
 * Zero where a weight does not move at random.
 *
 * @see Li et al. (2016), eq. 5; Bekas, Kokiopoulou & Saad (2007), An estimator for the diagonal of a matrix, eq. 3
 */
function correctionOf(target: Target, settings: Settings, { params, square: before }: PsgldState, batch: Batch, key: Key): Params {
  const moving = new Set(target.parameters.filter((spec) => movesAtRandom(spec, settings)).map(({ name }) => name));
  const sign = (name: string, like: Tensor): Tensor =>
    moving.has(name) ? sub(mul(bernoulli(fold(fold(key, 'signs'), name), 0.5, like.shape), 2), 1) : zerosLike(like);
  const signs = mapParams(sign, params);
  const { grads } = valuesAndGrad(
    (at) => {
      const gradient = gradientOf(potential(target, at, batch, key, settings.chains).force);
      const metric = metricOf(settings, runningSquares(settings, before, gradient));
      return { value: total(Object.entries(metric).map(([name, g]) => sum(mul(g, signs[name]!)))) as Scalar };
    },
    { value: scalar(1) },
    params,
  );
  return mapParams((name, slope) => mul(slope, signs[name]!), grads);
}
