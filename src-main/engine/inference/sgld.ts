/** @file Stochastic gradient Langevin dynamics. */
import { z } from 'zod';
import { fold } from '../numerics/random';
import { langevin, langevinMove, langevinSettings } from './langevin';
import { defineMethod } from './method';
import { drawChains, gradientOf, initialParams, potential, samplerMetrics, samplerProblems, type SamplerState } from './sampler';
import { stepSizeSetting } from './sampler-settings';

/** θ ← θ − ε/2 ∇U + √(εT) ξ, ξ ~ N(0, I). No accept step: the bias vanishes with ε. */
export const sgld = defineMethod({
  id: 'sgld',
  title: 'SGLD',
  reference: 'Welling & Teh (2011), Bayesian Learning via Stochastic Gradient Langevin Dynamics, eq. 4',
  help: 'Gradient descent with noise added at every step, so that the weights wander through the posterior instead of settling at its mode. The draws are snapshots of that walk. Small steps keep it honest, many steps let it travel. The reference repository does the same, but descends a learnt noise level and drops the last draw; both are settings.',
  settings: z.strictObject({
    stepSize: stepSizeSetting(
      1e-5,
      'ε, for the gradient of the log-posterior of the whole data set: about 0.00001 for MNIST, more for less data. A chain that diverges needs a smaller one.',
    ),
    ...langevinSettings,
  }),
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  metrics: samplerMetrics,
  problems: (target, settings) => samplerProblems('SGLD', target, settings),
  build: (target, settings) => ({
    init: (key): SamplerState => ({ params: initialParams(target, settings, key) }),
    steps: {
      main({ params }, batch, key, hyper) {
        const { force, info } = potential(target, params, batch, key, settings.chains);
        return { state: { params: langevin(target, settings, params, gradientOf(force), fold(key, 'langevin'), hyper) }, info };
      },
    },
    schedule: (time) => langevinMove(settings, time, () => 'main'),
    ...drawChains(settings.chains),
  }),
});
