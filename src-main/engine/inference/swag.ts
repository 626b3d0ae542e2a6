/** @file SWAG: a Gaussian fitted to the weights that a training passes through. */
import {
  add,
  concat,
  expandDims,
  matMul,
  maximum,
  minimum,
  mul,
  reshape,
  rsqrt,
  scalar,
  slice,
  sqrt,
  sub,
  zeros,
  zerosLike,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fold, normal } from '../numerics/random';
import { mapParams, type Params } from '../numerics/tree';
import { defineMethod } from './method';
import { pointEstimate, pointMetrics, type PointState } from './point-estimate';
import { averageOr, averageSettings, averagingMove, movingSettings } from './weight-average';

interface SwagState extends PointState {
  readonly mean: Params;
  /** Of each weight by itself, over all collected ones. */
  readonly variance: Params;
  /** Differences of the last K collected weights, the newest first, from the mean as it then was; [K, …]. */
  readonly deviations: Params;
  /** Weights collected so far. */
  readonly count: Scalar;
}

/**
 * θ̃ = θ̄ + (1/√2) Σ_diag^½ z₁ + (1/√(2(K − 1))) D̂ z₂.
 * Σ_diag comes by Welford's recurrence, where the paper subtracts θ̄² from the second moment: the same number, without the cancellation.
 */
export const swag = defineMethod({
  id: 'swag',
  title: 'SWAG',
  reference: 'Maddox et al. (2019), A Simple Baseline for Bayesian Uncertainty in Deep Learning, algorithm 1 and eq. 1',
  help: 'Trains as MAP does, then goes on at a constant rate and fits a Gaussian to the weights on its way: their mean, the variance of each, and the directions of the last few. Draws come from that Gaussian. Cheap, since it is one training.',
  settings: z.strictObject({
    rank: z.int().min(2).max(200).default(20).meta({
      title: 'Rank',
      description: 'K: the last so many collected weights span the directions in which draws are correlated. Each takes as much memory as the weights.',
    }),
    scale: z.number().min(0).max(10).default(1).meta({
      title: 'Scale of the covariance',
      advanced: true,
      description: 'Draws have this times the fitted covariance. The paper uses 1, which is half the diagonal and half the low-rank part.',
    }),
    ...averageSettings,
    ...movingSettings,
  }),
  converges: 'heuristic',
  randomDraws: true,
  switches: ['sample', 'trainable'],
  metrics: pointMetrics,
  build(target, settings) {
    const { rank, scale } = settings;
    const point = pointEstimate(target, settings);
    return {
      init(key): SwagState {
        const start = point.init(key);
        const none = mapParams((_name, value) => zerosLike(value), start.params);
        return { ...start, mean: none, variance: none, deviations: mapParams((_name, value) => zeros([rank, ...value.shape]), start.params), count: scalar(0) };
      },
      steps: {
        main({ params, optimiser, ...fitted }, batch, key, hyper) {
          const { state, info } = point.steps['main']!({ params, optimiser }, batch, key, hyper);
          return { state: { ...fitted, ...state! }, info };
        },
        collect({ params, optimiser, mean, variance, deviations, count }, batch, key, hyper) {
          const { state, info } = point.steps['main']!({ params, optimiser }, batch, key, hyper);
          const share = hyper['share']!;
          const towards = (a: Tensor, b: Tensor) => add(a, mul(sub(b, a), share));
          const now = state!.params;
          const nextMean = mapParams((_name, average, value) => towards(average, value), mean, now);
          const next = {
            mean: nextMean,
            variance: mapParams((name, before, value) => towards(before, mul(sub(value, mean[name]!), sub(value, nextMean[name]!))), variance, now),
            deviations: mapParams(
              (name, columns, value) => {
                const newest = expandDims(sub(value, nextMean[name]!), 0);
                return concat([
                  newest,
                  slice(
                    columns,
                    columns.shape.map(() => 0),
                    [rank - 1, ...value.shape],
                  ),
                ]);
              },
              deviations,
              now,
            ),
            count: add<Scalar>(count, 1),
          };
          return { state: { ...state!, ...next }, info };
        },
      },
      schedule: (time) => averagingMove(settings, time, point.schedule(time)),
      draw({ params, mean, variance, deviations, count }, key) {
        const shared = normal(fold(key, 'low-rank'), [1, rank]);
        const columns = maximum(sub(minimum(count, rank), 1), 1);
        const drawn = mapParams((name, centre) => {
          const own = mul(sqrt(maximum(variance[name]!, 0)), normal(fold(key, name), centre.shape));
          const common = reshape(matMul(shared, reshape(deviations[name]!, [rank, -1])), centre.shape);
          return add(centre, mul(add(own, mul(common, rsqrt(columns))), Math.sqrt(scale / 2)));
        }, mean);
        return averageOr(count, drawn, params);
      },
      ...(point.adopt && { adopt: point.adopt }),
    };
  },
});
