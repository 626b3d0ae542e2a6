/** @file The most probable weights: training as everyone knows it. */
import { z } from 'zod';
import { defineMethod } from './method';
import { pointEstimate, pointMetrics, pointSettings, type PointState } from './point-estimate';

export type MapState = PointState;

/** argmin_w −(1/N) [log p(D | w) + log p(w)]. */
export const map = defineMethod({
  id: 'map',
  title: 'MAP',
  reference: 'Maximum a posteriori; with a Gaussian prior, L2 regularisation of precision 1/sd²',
  help: 'Finds the single most probable weights: ordinary training, where the prior acts as weight decay. Fast, and the baseline for everything else; it knows no uncertainty about the weights.',
  settings: z.strictObject(pointSettings),
  converges: 'mode',
  randomDraws: false,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build: (target, settings) => pointEstimate(target, settings),
});
