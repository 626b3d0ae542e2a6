/** @file What the user sets of a factorised posterior, whichever way its bound is estimated. */
import { z } from 'zod';
import { Initialisation } from './initialisation';
import { KlSchedule } from './kl-schedule';
import { mopedSettings } from './moped';
import { optimiserSettings } from './optimisers';

export const drawsSetting = (usual: number) =>
  z
    .int()
    .min(1)
    .max(100)
    .default(usual)
    .meta({ title: 'Draws per step', description: 'S: draws averaged in each gradient. More draws mean less noise and proportionally more time.' });

export const klSetting = (usual: 'monte-carlo' | 'closed-form') =>
  z.enum(['monte-carlo', 'closed-form']).default(usual).meta({
    title: 'KL',
    description: 'monte-carlo: from weight draws, for every prior. closed-form: exact, less noise and faster; for Gaussian and Laplace priors.',
  });

/** The weight of the KL, the optimiser and the start. */
export const meanFieldSettings = {
  klWeight: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .meta({ title: 'KL weight', description: 'β: 1 is the evidence lower bound; below 1 the posterior is colder.' }),
  klSchedule: KlSchedule.default('constant').meta({
    title: 'KL schedule',
    description: 'constant: equal in every step. blundell: mostly in the first steps of each epoch. linear: from zero, over the first epochs.',
  }),
  annealEpochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta({ title: 'Annealing', unit: 'epochs', description: 'Epochs until the KL has its full weight.', when: { klSchedule: ['linear'] } }),
  temperature: z.number().min(0.001).max(10).default(1).meta({
    title: 'Temperature',
    description:
      'T in E[−log p(D, w)] − T · entropy: below 1 the posterior is colder but the prior stays, unlike with a smaller KL weight (Wenzel et al. 2020, eq. 2).',
    scale: 'log',
    advanced: true,
  }),
  ...optimiserSettings,
  ...mopedSettings,
  sigmaForm: z.enum(['softplus', 'log-variance']).default('softplus').meta({
    title: 'Form of σ',
    description: 'softplus: σ = log(1 + e^ρ). log-variance: σ = e^(ρ/2). The same posterior, other steps towards it; initial values are those of softplus.',
    advanced: true,
  }),
  initialisation: Initialisation.default('uniform').meta({
    title: 'Initial means',
    description:
      'uniform: within ± the range below, as the reference. fan-in: uniform ±1/√fan-in. he: normal with variance 2/fan-in. glorot: uniform ±√(6/(fan-in + fan-out)).',
    advanced: true,
  }),
  initialRange: z
    .number()
    .min(0)
    .max(10)
    .default(0.1)
    .meta({ title: 'Range of initial means', description: 'Means start uniform in ± this.', advanced: true, when: { initialisation: ['uniform'] } }),
  initialRhoLow: z.number().min(-20).max(10).default(-3).meta({ title: 'Initial ρ, lowest', description: 'σ = log(1 + e^ρ): −3 gives 0.049.', advanced: true }),
  initialRhoHigh: z
    .number()
    .min(-20)
    .max(10)
    .default(-2)
    .meta({ title: 'Initial ρ, highest', description: 'σ = log(1 + e^ρ): −2 gives 0.127.', advanced: true }),
};
export type MeanFieldSettings = z.output<z.ZodObject<typeof meanFieldSettings>>;
