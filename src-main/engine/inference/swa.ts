/** @file Stochastic weight averaging: one network in the middle of the valley. */
import { add, mul, scalar, sub, zerosLike, type Scalar } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { mapParams, type Params } from '../numerics/tree';
import { defineMethod } from './method';
import { pointEstimate, pointMetrics, type PointState } from './point-estimate';
import { averageOr, averageSettings, averagingMove, movingSettings } from './weight-average';

interface SwaState extends PointState {
  readonly mean: Params;
  /** Weights averaged so far. */
  readonly count: Scalar;
}

/** θ̄ ← θ̄ + (θ − θ̄)/(n + 1) */
export const swa = defineMethod({
  id: 'swa',
  title: 'SWA',
  reference: 'Izmailov et al. (2018), Averaging Weights Leads to Wider Optima and Better Generalization, algorithm 1, with a constant rate',
  help: 'Trains as MAP does, then goes on at a constant rate and averages the weights on its way: the middle of the valley often generalises better than its edge. One network, so it knows no uncertainty about the weights.',
  settings: z.strictObject({ ...averageSettings, ...movingSettings }),
  converges: 'mode',
  randomDraws: false,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build(target, settings) {
    const point = pointEstimate(target, settings);
    return {
      init(key): SwaState {
        const start = point.init(key);
        return { ...start, mean: mapParams((_name, value) => zerosLike(value), start.params), count: scalar(0) };
      },
      steps: {
        main({ params, optimiser, mean, count }, batch, key, hyper) {
          const { state, info } = point.steps['main']!({ params, optimiser }, batch, key, hyper);
          return { state: { ...state!, mean, count }, info };
        },
        collect({ params, optimiser, mean, count }, batch, key, hyper) {
          const { state, info } = point.steps['main']!({ params, optimiser }, batch, key, hyper);
          const next = mapParams((_name, average, now) => add(average, mul(sub(now, average), hyper['share']!)), mean, state!.params);
          return { state: { ...state!, mean: next, count: add<Scalar>(count, 1) }, info };
        },
      },
      schedule: (time) => averagingMove(settings, time, point.schedule(time)),
      draw: ({ params, mean, count }) => averageOr(count, mean, params),
      ...(point.adopt && { adopt: point.adopt }),
    };
  },
});
