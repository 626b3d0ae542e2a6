/** @file Stochastic gradient Hamiltonian Monte Carlo, plain and scale-adapted. */
import { add, div, maximum, mean, mul, reciprocal, scalar, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fold } from '../numerics/random';
import type { Step } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { clip, clippingSetting, noLengths, type Lengths } from './gradient-clipping';
import { defineMethod, type Algorithm } from './method';
import { atRest, kineticMetric, kineticTemperature, moved, type MomentumState } from './momentum-chain';
import { drawPrecisions, logPriorGiven, measured, precisionProblems, precisionSettings, startingPrecisions, type Precisions } from './prior-precision';
import { drawChains, gradientOf, initialParams, isSampled, noiseFor, potential, samplerMetrics, samplerProblems } from './sampler';
import { samplerMove } from './sampler-schedule';
import { courseSettings, samplerSettings, stepSizeSetting } from './sampler-settings';
import { adaptScales, inverseMass, newScales, type Scales } from './scale-adaptation';

interface SghmcState extends MomentumState {
  readonly scales?: Scales;
  readonly lengths?: Lengths;
  readonly prior?: Precisions;
}

/**
 * v ← (1 − C) v − ε² M⁻¹ ∇U + N(0, 2 ε² C T M⁻¹ − ε⁴), θ ← θ + v.
 * A resampled momentum is a step of friction 1 with noise ε² T M⁻¹. The mass M is 1, or √V of the gradient as learnt in the burn-in; ε⁴ is
 * then the noise that minibatches bring in by themselves, if their gradients scatter with the variance V.
 */
export const sghmc = defineMethod({
  id: 'sghmc',
  title: 'SG-HMC',
  reference:
    'Chen, Fox & Guestrin (2014), Stochastic Gradient Hamiltonian Monte Carlo, eq. 15; Springenberg et al. (2016), Bayesian Optimization with Robust Bayesian Neural Networks, sec. 4',
  help: 'A ball with momentum rolls over the posterior’s landscape, slowed by friction and pushed by noise: it travels further than Langevin dynamics in as many steps. Scale-adapted, it learns the size of each weight’s step during the burn-in and then leaves it alone, as the reference repository does; every chain needs its burn-in. Differs from the repository: gradients are judged against their whole past, no weight’s scale falls below a hundredth of its tensor’s, and the last draw is kept (a setting).',
  settings: z.strictObject({
    stepSize: stepSizeSetting(
      1e-2,
      'ε: a step moves a weight by about ε² ∇U/(C √V) when scale-adapted (0.01 in the reference repository), or ε² ∇U/C when not (about 0.001 for MNIST).',
    ),
    friction: z
      .number()
      .min(1e-4)
      .max(1)
      .default(0.05)
      .meta({ title: 'Friction', description: 'C: share of the momentum lost at each step. Little friction travels far, much friction forgets fast.' }),
    preconditioner: z.enum(['scale-adapted', 'none']).default('scale-adapted').meta({
      title: 'Preconditioner',
      description: 'scale-adapted: a step for each weight, learnt during the burn-in (Springenberg et al. 2016). none: equal steps (Chen et al. 2014).',
    }),
    subtractNoise: z
      .boolean()
      .default(true)
      .meta({
        title: 'Count the minibatches’ noise',
        advanced: true,
        description:
          'Adds less noise by ε⁴, the share that minibatches bring in when their gradients scatter by √V. Turn it off for full batches, which bring in none.',
        when: { preconditioner: ['scale-adapted'] },
      }),
    resampleEvery: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(50)
      .meta({ title: 'Resample the momentum every', unit: 'steps', description: '0: never.', advanced: true }),
    clipping: clippingSetting,
    ...precisionSettings,
    ...courseSettings,
    ...samplerSettings,
  }),
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  metrics: [...samplerMetrics, kineticMetric, { id: 'clipped', title: 'Clipped gradients', unit: 'share of steps' }],
  problems: (target, settings) => [
    ...samplerProblems('SG-HMC', target, settings),
    ...precisionProblems(target, settings),
    ...(settings.preconditioner === 'scale-adapted' && settings.burnIn === 0
      ? ['SG-HMC adapts its scales during the burn-in, of which there is none; give a burn-in above 0, or no preconditioner.']
      : []),
  ],
  build(target, settings): Algorithm<SghmcState> {
    const { chains, friction, preconditioner, subtractNoise, resampleEvery, clipping, learnPrior } = settings;
    const adaptive = preconditioner === 'scale-adapted';
    const sampled = new Set(target.parameters.filter(isSampled).map(({ name }) => name));
    const step =
      (next: (scales: Scales, gradient: Params) => Scales): Step<SghmcState> =>
      ({ params, momentum, scales, lengths, prior }, batch, key, hyper) => {
        const { force, info } = potential(target, params, batch, key, chains, prior && logPriorGiven(target, prior, chains));
        const clipped = lengths && clip(force.fit, lengths, chains, clipping);
        const gradient = gradientOf(force, chains, clipped?.factor);
        const adapted = scales && next(scales, gradient);
        const inverse = adapted && inverseMass(adapted);
        const [stepSize, noise] = [hyper['stepSize']!, hyper['noise']!];
        const squared = square(stepSize);
        const v = mapParams((name, value) => {
          const per = (x: Tensor, scale: Tensor): Tensor => (inverse ? mul(mul(x, inverse[name]!), scale) : mul(x, scale));
          const kicked = sub(mul(value, hyper['keptMomentum']!), per(gradient[name]!, squared));
          if (!sampled.has(name)) return kicked;
          const xi = noiseFor(fold(key, 'friction'), name, value);
          if (!inverse) return add(kicked, mul(xi, sqrt(noise)));
          const variance = mul(inverse[name]!, noise);
          return add(kicked, mul(xi, sqrt(maximum(subtractNoise ? sub(variance, square(squared)) : variance, 0))));
        }, momentum);
        const kinetic = kineticTemperature(
          target,
          momentum,
          hyper['lastStepSize']!,
          chains,
          scales && mapParams((_name, m) => reciprocal(m), inverseMass(scales)),
        );
        return {
          state: {
            params: moved(params, v),
            momentum: v,
            ...(adapted && { scales: adapted }),
            ...(clipped && { lengths: clipped.lengths }),
            ...(prior && { prior: measured(target, prior, params, chains) }),
          },
          info: {
            ...info,
            // Noise of 2C instead of 2C − C² heats the momentum by 1/(1 − C/2), as it should be.
            kineticTemperature: mul(mean(kinetic), 1 - friction / 2),
            clipped: clipped ? mean(div(clipped.lengths.clipped, clipped.lengths.count)) : scalar(0),
          },
        };
      };
    return {
      init(key) {
        const params = initialParams(target, settings, key);
        return {
          params,
          momentum: atRest(params),
          ...(adaptive && { scales: newScales(params) }),
          ...(clipping > 0 && { lengths: noLengths(chains) }),
          ...(learnPrior && { prior: startingPrecisions(target, settings) }),
        };
      },
      steps: { sample: step((scales) => scales), ...(adaptive && { adapt: step(adaptScales) }) },
      schedule(time) {
        const { burningIn, scale, temperature, keep } = samplerMove(settings, time);
        const stepSize = scale * settings.stepSize;
        const resampling = resampleEvery > 0 && (time.step + 1) % resampleEvery === 0;
        // v = ε p: shorter steps must not make the momentum p hotter. A new cycle's first step is long, and starts from what rest there is.
        const lastScale = samplerMove(settings, { ...time, step: Math.max(0, time.step - 1) }).scale;
        const shortened = Math.min(1, scale / lastScale);
        return {
          step: adaptive && burningIn ? 'adapt' : 'sample',
          hyper: {
            stepSize,
            lastStepSize: lastScale * settings.stepSize,
            keptMomentum: resampling ? 0 : shortened * (1 - friction),
            noise: stepSize ** 2 * temperature * (resampling ? 1 : 2 * friction),
          },
          keep,
        };
      },
      ...(learnPrior && { between: drawPrecisions(target, settings, 'prior') }),
      ...drawChains(chains),
    };
  },
});
