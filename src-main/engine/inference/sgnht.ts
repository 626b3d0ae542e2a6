/** @file Stochastic gradient Nosé–Hoover thermostat: SG-HMC whose friction finds the noise of the minibatches by itself. */
import { add, fill, mean, mul, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fold } from '../numerics/random';
import type { State } from '../numerics/step';
import { mapParams } from '../numerics/tree';
import { defineMethod, type Algorithm } from './method';
import { kineticMetric, kineticTemperature, moved, type MomentumState } from './momentum-chain';
import { drawChains, gradientOf, initialParams, isSampled, noiseFor, potential, samplerMetrics, samplerProblems, spread, withChains } from './sampler';
import { samplerMove } from './sampler-schedule';
import { samplerSettings, stepSizeSetting } from './sampler-settings';

interface SgnhtState extends MomentumState {
  /** Friction ξ of each chain. Shape [chains], or [] for one. */
  readonly friction: State[string];
}

/**
 * v ← (1 − ξ) v − ε² ∇U + √(2 A T) ε N(0, I), θ ← θ + v, ξ ← ξ + (v·v/d − ε² T).
 * The thermostat's turn comes first here, with the momentum that the last step left: the same sequence.
 */
export const sgnht = defineMethod({
  id: 'sgnht',
  title: 'SGNHT',
  reference: 'Ding et al. (2014), Bayesian Sampling Using Stochastic Gradient Thermostats, algorithm 2 with v = εp',
  help: 'SG-HMC that watches the temperature of its own momentum: where the noise of minibatches heats the chain, the friction grows until the heat is right. Nothing needs to be known of that noise, as long as it is the same everywhere.',
  settings: z.strictObject({
    stepSize: stepSizeSetting(3e-4, 'ε, for the gradient of the log-posterior of the whole data set; ε² is the learning rate of the momentum.'),
    noise: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .meta({ title: 'Noise', description: 'A: noise that is added at every step, and the friction at the start. A little helps the chain to forget.' }),
    ...samplerSettings,
  }),
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  metrics: [...samplerMetrics, kineticMetric, { id: 'friction', title: 'Friction', unit: '' }],
  problems: (target, settings) => samplerProblems('SGNHT', target, settings),
  build(target, settings): Algorithm<SgnhtState> {
    const { chains, stepSize, noise } = settings;
    const sampled = new Set(target.parameters.filter(isSampled).map(({ name }) => name));
    return {
      init(key) {
        const params = initialParams(target, settings, key);
        const momentum = mapParams((name, value) => mul(noiseFor(fold(key, 'momentum'), name, value), sampled.has(name) ? stepSize : 0), params);
        return { params, momentum, friction: fill(withChains(chains, []), noise) };
      },
      steps: {
        main({ params, momentum, friction }, batch, key, hyper) {
          const { force, info } = potential(target, params, batch, key, chains);
          const gradient = gradientOf(force);
          const learningRate = square(hyper['stepSize']!);
          const kinetic = kineticTemperature(target, momentum, hyper['stepSize']!, chains);
          const xi = add(friction as typeof kinetic, mul(sub(kinetic, hyper['temperature']!), learningRate));
          const v = mapParams(
            (name, value, g) => {
              const kicked = sub(mul(value, spread(sub(1, xi), value, chains)), mul(g, learningRate));
              return sampled.has(name) ? add(kicked, mul(noiseFor(fold(key, 'noise'), name, value), hyper['noise']!)) : kicked;
            },
            momentum,
            gradient,
          );
          return { state: { params: moved(params, v), momentum: v, friction: xi }, info: { ...info, kineticTemperature: mean(kinetic), friction: mean(xi) } };
        },
      },
      schedule(time) {
        const { temperature, keep } = samplerMove(settings, time);
        return { step: 'main', hyper: { stepSize, temperature, noise: stepSize * Math.sqrt(2 * noise * temperature) }, keep };
      },
      ...drawChains(chains),
    };
  },
});
