/** @file What the user sets of every sampler: the step size and its course, which states are kept as draws, and how many chains run side by side. */
import { z } from 'zod';
import { Initialisation } from './initialisation';

export const stepSizeSetting = (usual: number, description: string) =>
  z.number().min(1e-12).max(10).default(usual).meta({ title: 'Step size', scale: 'log', description });

/** Of every sampler. */
export const samplerSettings = {
  temperature: z.number().min(0).max(10).default(1).meta({
    title: 'Temperature',
    description: 'T: the chain follows the posterior to the power 1/T. 1 is the posterior itself, below 1 a cold posterior, 0 the mode.',
  }),
  burnIn: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.25)
    .meta({ title: 'Burn-in', description: 'Share of the training that passes before the first draw is kept, while the chain still looks for its place.' }),
  draws: z.int().min(1).max(10_000).default(100).meta({
    title: 'Draws',
    description:
      'Draws kept of each chain, spread evenly over what follows the burn-in; the last one is the last state. Where steps shrink, spread by their length.',
  }),
  thinning: z.int().min(0).max(1_000_000).default(0).meta({
    title: 'Thinning',
    unit: 'steps',
    advanced: true,
    description: 'Steps between two draws, counted back from the last step. 0 spreads the draws evenly.',
  }),
  lastDraw: z.enum(['kept', 'dropped']).default('kept').meta({
    title: 'Last draw',
    advanced: true,
    description: 'kept: the last state is one of the draws. dropped: it is left out, as the reference repository does when it predicts.',
  }),
  chains: z.int().min(1).max(1000).default(1).meta({
    title: 'Chains',
    description:
      'Independent chains from different starts, computed together. Several are needed to see whether they agree (R̂); a step takes proportionally longer.',
  }),
  initialisation: Initialisation.exclude(['uniform'])
    .default('fan-in')
    .meta({
      title: 'Initialisation',
      description: 'fan-in: uniform ±1/√fan-in, as PyTorch does. he: normal with variance 2/fan-in. glorot: uniform ±√(6/(fan-in + fan-out)).',
      advanced: true,
    }),
};

/** Of samplers whose step size changes by plan. */
export const courseSettings = {
  course: z.enum(['constant', 'polynomial', 'cyclical']).default('constant').meta({
    title: 'Step size over time',
    description:
      'constant: the same throughout. polynomial: shrinks so that the bias of the steps vanishes (Robbins & Monro). cyclical: falls along a cosine and starts anew, so that one chain visits several modes (Zhang et al. 2020).',
  }),
  decayPower: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.55)
    .meta({
      title: 'Decay power',
      description: 'γ of ε (1 + t/b)^−γ; between 0.5 and 1 the conditions of Robbins and Monro hold.',
      when: { course: ['polynomial'] },
    }),
  decayEpochs: z
    .number()
    .min(0.001)
    .max(100_000)
    .default(1)
    .meta({ title: 'Decay time', unit: 'epochs', description: 'b of ε (1 + t/b)^−γ, t and b in epochs.', when: { course: ['polynomial'] } }),
  cycles: z
    .int()
    .min(1)
    .max(10_000)
    .default(4)
    .meta({ title: 'Cycles', description: 'How often the step size starts anew.', when: { course: ['cyclical'] } }),
  exploration: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.8)
    .meta({ title: 'Exploration', description: 'Share of each cycle, its first part, without noise and without draws.', when: { course: ['cyclical'] } }),
};

export type SamplerSettings = z.output<z.ZodObject<typeof samplerSettings>>;
export type CourseSettings = z.output<z.ZodObject<typeof courseSettings>>;
