/** @file The posterior predictive as one ONNX model, for programs that know nothing of Credence. */
import { add, div, log, maximum, mean, mul, neg, relu, sqrt, square, stack, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { standAloneModel, traceStandAlone } from '../backends/stand-alone';
import { float32, type HostTensors } from '../numerics/host-tensor';
import type { Batch } from '../numerics/step';
import type { BayesianModel } from './bayesian-model';
import { forwardOf } from './forward';
import { integerOptions, type Quantisation } from './quantisation';

/** In raw units: x = (raw − xMean)/xSd, one value per feature or one for all; y = (raw − yMean)/ySd. */
export interface Scaling {
  readonly xMean: readonly number[];
  readonly xSd: readonly number[];
  readonly yMean: number;
  readonly ySd: number;
}

const smallest = 2 ** -126; // log 0 is −∞, and 0 · −∞ is no number

/** Σ −p log p over the last axis, in nats. */
const entropy = (p: Tensor): Tensor => neg(sum(mul(p, log(maximum(p, smallest))), -1));

/** Of p [draws, rows, classes]. Depeweg et al. (2018), eq. 2; rounding must not make the mutual information negative. */
function classes(p: Tensor): Batch {
  const probabilities = mean(p, 0);
  const [total, aleatoric] = [entropy(probabilities), mean(entropy(p), 0)];
  return { probabilities, total, aleatoric, epistemic: relu(sub(total, aleatoric)) };
}

/** Of means and noise [draws, rows, targets]: moments of the mixture, as standard deviations, in the target's unit. */
function targets(means: Tensor, sds: Tensor, { yMean, ySd }: Scaling): Batch {
  const centre = mean(means, 0);
  const [noise, spread] = [mean(square(sds), 0), mean(square(sub(means, centre)), 0)];
  const inUnits = (variance: Tensor) => mul(sqrt(variance), ySd);
  return { mean: add(mul(centre, ySd), yMean), total: inUnits(add(noise, spread)), aleatoric: inUnits(noise), epistemic: inUnits(spread) };
}

/**
 * Input: x [rows, …inputShape] in raw units (pixels 0–255). Outputs for classes: probabilities [rows, classes], and total, aleatoric,
 * epistemic [rows] in nats; for targets: mean, total, aleatoric, epistemic [rows, targets] in raw units.
 *
 * @param weights by parameter [draws, …]
 * @param integers computes products in 8-bit integers, of ranges that these rows have
 * @throws WorkbenchError `unsupported` where predictions draw noise of their own, above 2 GiB, or where a layer has no integer form
 */
export function predictiveModel(
  model: BayesianModel,
  weights: HostTensors,
  draws: number,
  scaling: Scaling,
  integers?: Quantisation | undefined,
): Promise<Uint8Array> {
  const { inputShape } = model.data;
  const perFeature = (values: readonly number[]) => float32(values.length === 1 ? [1] : [...inputShape], Float32Array.from(values));
  const together = model.together && draws > 1 && !integers;
  const given = { ...(together ? weights : separated(weights, draws)), xMean: perFeature(scaling.xMean), xSd: perFeature(scaling.xSd) };
  const traced = traceStandAlone(
    (raw, { xMean, xSd, ...params }, key) => {
      const x = div(sub(raw, xMean!), xSd!);
      const predict = (draw: Batch) => model.likelihood.predict(forwardOf(model)(draw, x, key), draw);
      const of = (s: number): Batch => Object.fromEntries(Object.keys(weights).map((name) => [name, params[nameOf(name, s)]!]));
      const outputs = together ? predict(params) : stacked(Array.from({ length: draws }, (_, s) => predict(of(s))));
      return model.likelihood.task === 'classification' ? classes(outputs['probabilities']!) : targets(outputs['mean']!, outputs['sd']!, scaling);
    },
    { inputShape, given },
  );
  const names = Object.keys(given);
  return standAloneModel(traced, given, integers && integerOptions(model, names, { ...integers, x: inUnits(integers, scaling) }));
}

/** A parameter of one draw; its layer's name stays first. */
const nameOf = (name: string, s: number): string => `${name} of draw ${s}`;

const separated = (weights: HostTensors, draws: number): HostTensors =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([name, { shape, data }]) => {
      const size = data.length / draws;
      return Array.from({ length: draws }, (_, s) => [nameOf(name, s), float32(shape.slice(1), data.subarray(s * size, (s + 1) * size) as Float32Array)]);
    }),
  );

/** Standardised rows as they were. */
const inUnits = ({ x, rows }: Quantisation, { xMean, xSd }: Scaling): Float32Array =>
  x.map((value, i) => value * xSd[(i % (x.length / rows)) % xSd.length]! + xMean[(i % (x.length / rows)) % xMean.length]!);

const stacked = (draws: readonly Batch[]): Batch => Object.fromEntries(Object.keys(draws[0]!).map((name) => [name, stack(draws.map((draw) => draw[name]!))]));
