/** @file When and at which rate the weights along a training's last part are averaged: what SWA and SWAG share. */
import { greater, where, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { mapParams, type Params } from '../numerics/tree';
import type { Move, Time } from './method';
import { pointSettings } from './point-estimate';

export const averageSettings = {
  start: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.5)
    .meta({ title: 'Start of averaging', description: 'Share of the training that passes first, with the optimiser’s own rates.' }),
  every: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .meta({ title: 'Average every', unit: 'steps', description: 'Steps between two weights that are averaged. 0 means once an epoch.' }),
  averagingRate: z.number().min(1e-8).max(100).default(0.01).meta({
    title: 'Rate while averaging',
    scale: 'log',
    description: 'Constant learning rate from the start of averaging on: large enough that the weights keep moving about the valley.',
  }),
};
export type AverageSettings = z.output<z.ZodObject<typeof averageSettings>>;

/** An optimiser whose steps do not shrink with the gradient's history, so that a constant rate keeps the weights moving. */
export const movingSettings = {
  ...pointSettings,
  optimiser: pointSettings.optimiser.default('momentum'),
  learningRate: pointSettings.learningRate.default(0.01),
  momentum: pointSettings.momentum.default(0.9),
};

/** Whether the weights after this step are averaged, as number `index` from 0; the last step's always are. Null before the start. */
export function collection({ start, every }: AverageSettings, { step, stepsPerEpoch, epochs }: Time): { readonly due: boolean; readonly index: number } | null {
  const last = epochs * stepsPerEpoch - 1;
  const first = Math.min(Math.round(start * (last + 1)), last);
  if (step < first) return null;
  const between = every || stepsPerEpoch;
  return { due: (last - step) % between === 0, index: Math.floor((step - first) / between) };
}

/** The move of a point estimate, turned into one of the steps `main` and `collect`; `collect` is told `share` = 1/(n + 1). */
export function averagingMove(settings: AverageSettings, time: Time, { hyper }: Move): Move {
  const now = collection(settings, time);
  if (!now) return { step: 'main', hyper };
  const moving = { ...hyper, learningRate: settings.averagingRate };
  return now.due ? { step: 'collect', hyper: { ...moving, share: 1 / (now.index + 1) } } : { step: 'main', hyper: moving };
}

/** The average where there is one, else the weights as they are. */
export const averageOr = (count: Tensor, average: Params, params: Params): Params =>
  mapParams((_name, mean, now) => where(greater(count, 0), mean, now), average, params);
