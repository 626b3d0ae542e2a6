/** @file Hamiltonian Monte Carlo over the whole training part: exact, for small networks, and the reference for all others. */
import { add, div, exp, isNaN, less, mean, minimum, mul, neg, stack, sub, sum, unstack, where, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fold, uniform } from '../numerics/random';
import type { Batch, Step } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import { searchOn, startSearch, type StepSearch } from './dual-averaging';
import { defineMethod, type Algorithm, type Target } from './method';
import {
  drawChains,
  gradientOf,
  initialParams,
  isSampled,
  noiseFor,
  potential,
  samplerMetrics,
  samplerProblems,
  spread,
  sumPerChain,
  total,
  withChains,
  type SamplerState,
} from './sampler';
import { samplerMove } from './sampler-schedule';
import { samplerSettings, stepSizeSetting } from './sampler-settings';

interface HmcState extends SamplerState {
  readonly search: StepSearch;
}

/** Leapfrog steps from momentum p, then accept with probability min(1, exp −ΔH), H = U/T + ½ p·p. */
export const hmc = defineMethod({
  id: 'hmc',
  title: 'HMC',
  reference: 'Neal (2011), MCMC Using Hamiltonian Dynamics, sec. 5.2; step size: Hoffman & Gelman (2014), algorithm 5',
  help: 'Rolls through the posterior without friction for a while, then accepts or rejects where it has come to: no bias from the step size, so its draws are the reference for all other methods. Every step of it is one trajectory and takes many passes over all training rows, so it is for small networks and small data. An epoch is one trajectory: give it hundreds.',
  settings: z.strictObject({
    stepSize: stepSizeSetting(1e-2, 'ε of the leapfrog steps at the start; during the burn-in it is adapted to the acceptance wanted, then kept.'),
    leapfrogSteps: z.int().min(1).max(200).default(20).meta({
      title: 'Leapfrog steps',
      description: 'Steps of a trajectory. More travel further and cost proportionally more; the first preparation takes longer too.',
    }),
    acceptance: z
      .number()
      .min(0.1)
      .max(0.99)
      .default(0.8)
      .meta({ title: 'Acceptance wanted', description: 'Share of trajectories accepted. Larger means smaller steps.', advanced: true }),
    jitter: z
      .number()
      .min(0)
      .max(0.9)
      .default(0.2)
      .meta({ title: 'Jitter', description: 'Each trajectory’s step size varies by this share, so that none runs in a closed orbit.', advanced: true }),
    ...samplerSettings,
  }),
  converges: 'posterior',
  randomDraws: true,
  keepsDraws: true,
  batches: 'all',
  metrics: [
    ...samplerMetrics,
    { id: 'acceptance', title: 'Acceptance', unit: 'probability' },
    { id: 'energyError', title: 'Energy error', unit: 'nats' },
    { id: 'stepSize', title: 'Step size', unit: '' },
  ],
  problems: (target, settings) => [
    ...samplerProblems('HMC', target, settings),
    ...(settings.temperature === 0 ? ['HMC has no temperature of 0, where nothing moves; choose MAP for the mode.'] : []),
    ...(target.parameters.every(isSampled)
      ? []
      : ['HMC moves all weights at once and keeps no layer at a point estimate; make its layers Bayesian, or choose SG-HMC.']),
  ],
  build(target, settings): Algorithm<HmcState> {
    const { chains, leapfrogSteps, jitter, acceptance: wanted } = settings;
    const step =
      (adapts: boolean): Step<HmcState> =>
      ({ params, search }, batch, key, hyper) => {
        const temperature = hyper['temperature']!;
        const stepSize = mul(exp(adapts ? search.logStep : search.logMean), uniform(fold(key, 'jitter'), [], 1 - jitter, 1 + jitter));
        const forceAt = (at: Params) => potential(target, at, batch, key, chains);
        const kick = (p: Params, gradient: Params, share: number) =>
          mapParams((name, value) => sub(value, mul(gradient[name]!, div(mul(stepSize, share), temperature))), p);

        const start = mapParams((name, value) => noiseFor(fold(key, 'momentum'), name, value), params);
        const { force, info } = forceAt(params);
        let [theta, p] = [params, kick(start, gradientOf(force), 0.5)];
        for (let i = 1; i <= leapfrogSteps; i++) {
          theta = mapParams((name, value) => add(value, mul(p[name]!, stepSize)), theta);
          p = kick(p, gradientOf(forceAt(theta).force), i === leapfrogSteps ? 0.5 : 1);
        }
        const error = add(div(potentialDifference(target, params, theta, batch, key, chains), temperature), halfSquaresDifference(start, p, chains));
        const probability = where(isNaN(error), 0, minimum(exp(neg(error)), 1));
        const accepted = less(uniform(fold(key, 'accept'), withChains(chains, [])), probability);
        const found = mean(probability);
        return {
          state: {
            params: mapParams((name, from) => where(spread(accepted, from, chains), theta[name]!, from), params),
            search: adapts ? searchOn(search, settings.stepSize, wanted, found) : search,
          },
          info: { ...info, acceptance: found, energyError: mean(minimum(where(isNaN(error), 1e9, error), 1e9)), stepSize },
        };
      };
    return {
      init: (key) => ({ params: initialParams(target, settings, key), search: startSearch(settings.stepSize) }),
      steps: { adapt: step(true), sample: step(false) },
      schedule(time) {
        const { burningIn, temperature, keep } = samplerMove(settings, time);
        return { step: burningIn ? 'adapt' : 'sample', hyper: { temperature }, keep };
      },
      ...drawChains(chains),
    };
  },
});

/** ½ Σ (q² − p²) of each chain, as differences so that nothing large cancels. */
const halfSquaresDifference = (p: Params, q: Params, chains: number): Tensor =>
  total(Object.entries(p).map(([name, from]) => mul(sumPerChain(mul(sub(q[name]!, from), add(q[name]!, from)), chains), 0.5)));

/** U(to) − U(from) of each chain: row by row, and tensor by tensor of the prior. */
function potentialDifference(target: Target, from: Params, to: Params, batch: Batch, key: Parameters<Target['forward']>[2], chains: number): Tensor {
  const rows = (at: Params) => target.perRowLogLikelihood(at, batch, fold(key, 'forward'));
  const gains = sub(rows(from), rows(to));
  const likelihood = mul(sum(gains, -1), target.rows / gains.shape.at(-1)!);
  const priors = Object.entries(target.prior).map(([name, prior]): Tensor => {
    const [a, b] = [from[name]!, to[name]!];
    if (prior.precision !== undefined) return mul(sumPerChain(mul(sub(b, a), add(b, a)), chains), prior.precision / 2);
    if (chains === 1) return sub(prior.logDensity(a), prior.logDensity(b));
    const [before, after] = [unstack(a), unstack(b)];
    return stack(before.map((part, chain) => sub(prior.logDensity(part), prior.logDensity(after[chain]!))));
  });
  return add(likelihood, total(priors));
}
