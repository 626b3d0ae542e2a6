/** @file The step of overdamped Langevin dynamics, which SGLD and its preconditioned form take. */
import { add, mul, sqrt, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Key } from '../numerics/random';
import type { Hyper } from '../numerics/step';
import { mapParams, type Params } from '../numerics/tree';
import type { Move, Target, Time } from './method';
import { isSampled, noiseFor } from './sampler';
import { samplerMove } from './sampler-schedule';
import { courseSettings, samplerSettings, type CourseSettings, type SamplerSettings } from './sampler-settings';

export const langevinSettings = {
  ...courseSettings,
  ...samplerSettings,
  noiseLevel: z.enum(['sampled', 'descent']).default('sampled').meta({
    title: 'Learnt noise level',
    advanced: true,
    description:
      'sampled: like every other parameter. descent: gradient descent with twice the drift, without noise and preconditioner, as in the reference repository.',
  }),
};
export type LangevinSettings = SamplerSettings & CourseSettings & { readonly stepSize: number; readonly noiseLevel: 'sampled' | 'descent' };

/** Whether noise drives it: not the weights of point estimates, nor a noise level that descends. */
export const movesAtRandom = (spec: Target['parameters'][number], { noiseLevel }: Pick<LangevinSettings, 'noiseLevel'>): boolean =>
  isSampled(spec) && !(spec.role === 'noise' && noiseLevel === 'descent');

/** θ ← θ − ε/2 G ∇U + √(εT G) ξ, ξ ~ N(0, I). `metric`: the diagonal of G, 1 unless given. */
export const langevin = (
  target: Target,
  { noiseLevel }: Pick<LangevinSettings, 'noiseLevel'>,
  params: Params,
  gradient: Params,
  key: Key,
  hyper: Hyper,
  metric?: Params,
): Params => {
  const stepSize = hyper['stepSize']!;
  const kinds = new Map(target.parameters.map((spec) => [spec.name, spec]));
  return mapParams(
    (name, theta, g) => {
      const spec = kinds.get(name)!;
      if (spec.role === 'noise' && noiseLevel === 'descent') return sub(theta, mul(g, stepSize));
      const G = metric?.[name];
      const drift = mul(G ? mul(g, G) : g, mul(stepSize, 0.5));
      if (!isSampled(spec)) return sub(theta, drift);
      const xi = noiseFor(key, name, theta);
      return add(sub(theta, drift), mul(G ? mul(xi, sqrt(G)) : xi, hyper['noise']!));
    },
    params,
    gradient,
  );
};

/** Step size, noise and keeping at the given time, of the named step. */
export function langevinMove(settings: LangevinSettings, time: Time, step: (burningIn: boolean) => string): Move {
  const { burningIn, scale, temperature, keep } = samplerMove(settings, time);
  const stepSize = scale * settings.stepSize;
  return { step: step(burningIn), hyper: { stepSize, noise: Math.sqrt(stepSize * temperature) }, keep };
}
