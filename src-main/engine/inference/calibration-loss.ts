/** @file Losses that reward a model for being sure where it is right and unsure where it is wrong. All are of one batch and one draw, in nats. */
import {
  abs,
  add,
  argMax,
  cast,
  div,
  equal,
  lessEqual,
  log,
  max,
  min,
  mul,
  neg,
  reshape,
  scalar,
  sub,
  sum,
  tanh,
  tensor1d,
  tensor2d,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { stopGradient, withoutGradient } from '../numerics/autodiff';

/** What a likelihood predicts and what was observed, as in `Likelihood.predict` and `Batch`. */
export type CalibrationLoss = (prediction: { readonly [name: string]: Tensor }, y: Tensor) => Scalar;

const tiny = 1e-10;
const not = (indicator: Tensor): Tensor => sub(1, indicator);
/** 1 where a ≤ b, else 0. */
const isAtMost = withoutGradient((a, b) => cast(lessEqual(a!, b!), 'float32'));

/** Confidence, entropy and whether the class is right, [rows] each. */
function judge({ probabilities }: { readonly [name: string]: Tensor }, y: Tensor): { confidence: Tensor; entropy: Tensor; right: Tensor } {
  const p = probabilities!;
  return {
    confidence: max(p, -1),
    entropy: neg(sum(mul(p, log(add(p, tiny))), -1)),
    right: withoutGradient((of) => cast(equal(argMax(of!, -1), cast(y, 'int32')), 'float32'))(p),
  };
}

/** (n_AC + n_IU)/(n_AC + n_AU + n_IC + n_IU): accurate and certain or inaccurate and uncertain, counted softly; `certain` ([rows], or [thresholds, rows] for as many values) is 1 where the entropy is at most the threshold. */
function accuracyVersusUncertainty({ confidence, entropy, right }: ReturnType<typeof judge>, certain: Tensor): Tensor {
  const unsure = tanh(entropy);
  const count = (indicator: Tensor, weight: Tensor) => sum(mul(indicator, weight), -1);
  const good = add(count(mul(right, certain), mul(confidence, not(unsure))), count(mul(not(right), not(certain)), mul(not(confidence), unsure)));
  const bad = add(count(mul(right, not(certain)), mul(confidence, unsure)), count(mul(not(right), certain), mul(not(confidence), not(unsure))));
  return div(good, add(add(good, bad), tiny));
}

/** −log AvU at a threshold in nats. Krishnan & Tickoo (2020), Improving Model Calibration with Accuracy Versus Uncertainty Optimization, eq. 5. */
export const avuc =
  (threshold: number): CalibrationLoss =>
  (prediction, y) => {
    const judged = judge(prediction, y);
    return neg(log(add(accuracyVersusUncertainty(judged, isAtMost(judged.entropy, scalar(threshold))), tiny)));
  };

const steps = 20;

/** −log of the area under AvU over thresholds between the least and the largest entropy of the batch; needs no threshold. Ibid., sec. 3.3; 21 thresholds, trapezium rule. */
export const auavu: CalibrationLoss = (prediction, y) => {
  const judged = judge(prediction, y);
  const [least, largest] = [min(judged.entropy), max(judged.entropy)].map((x) => stopGradient(x)) as [Tensor, Tensor];
  const share = Array.from({ length: steps + 1 }, (_, i) => i / steps);
  const thresholds = add(least, mul(sub(largest, least), tensor2d(share, [steps + 1, 1])));
  const trapezia = share.map((_, i) => (i === 0 || i === steps ? 0.5 / steps : 1 / steps));
  const area: Scalar = sum(mul(accuracyVersusUncertainty(judged, isAtMost(judged.entropy, thresholds)), tensor1d(trapezia)));
  return neg(log(add(area, tiny)));
};

/**
 * −log EaU for regression: the share of rows whose error and predicted sd are both small or both large, each counted softly by tanh around thresholds in
 * the target's (standardised) units. Pandey et al. (2021), Improving Trajectory Forecasting by Error Aligned Uncertainty, eq. 3, with the sd as uncertainty.
 */
export const eau =
  (threshold: number): CalibrationLoss =>
  ({ mean, sd }, y) => {
    const flat = (x: Tensor) => reshape(x, [x.size]);
    const error = abs(sub(flat(mean!), flat(y)));
    const unsure = flat(sd!);
    const [low, certain] = [isAtMost(error, scalar(threshold)), isAtMost(unsure, scalar(threshold))];
    const [e, u] = [tanh(error), tanh(unsure)];
    const cell = (indicator: Tensor, a: Tensor, b: Tensor) => sum(mul(indicator, mul(a, b)));
    const good = add(cell(mul(low, certain), not(e), not(u)), cell(mul(not(low), not(certain)), e, u));
    const bad = add(cell(mul(low, not(certain)), not(e), u), cell(mul(not(low), certain), e, not(u)));
    return neg(log(add(div(good, add(add(good, bad), tiny)), tiny)));
  };
