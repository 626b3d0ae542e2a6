/** @file The output curvature of every likelihood that has one: against the Hessian of −log p, and against the mean of its sampled form. */
import { broadcastTo, stack, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { read, seededNoise } from '../inference/testing';
import type { Likelihood } from './likelihood';
import { likelihoods } from './likelihoods';

const regression = { kind: 'regression', outputs: 2 } as const;
const params = { 'likelihood.logNoise': () => tensor([-0.4, 0.3]) };
const logits = [0.3, -1.2, 0.8];
const curvatureOf = (likelihood: Likelihood) => likelihood.curvature ?? expect.fail(`${likelihood.task} has no curvature`);
const made = () => ({ 'likelihood.logNoise': params['likelihood.logNoise']() });

/** Λ = Σ_c r_c r_cᵀ of one row. */
function fisher(likelihood: Likelihood, outputs: readonly number[]): number[][] {
  const { info } = trace((_state, { f }) => ({ info: { root: stack([...curvatureOf(likelihood).root(f!, made())]) } }), {
    state: {},
    batch: { f: { dtype: 'float32', shape: [1, outputs.length] } },
  });
  const n = outputs.length;
  const root = evaluate([info['root']!], { 'batch:f': outputs })[0]!;
  return outputs.map((_, i) =>
    outputs.map((_, j) => Array.from({ length: root.length / n }, (_, c) => root[c * n + i]! * root[c * n + j]!).reduce((a, b) => a + b)),
  );
}

/** Second differences of −log p(y), in float64. */
function hessian(likelihood: Likelihood, outputs: readonly number[], y: readonly number[]): number[][] {
  const classes = likelihood.task === 'classification';
  const { info } = trace((_state, batch) => ({ info: { value: likelihood.logDensity(batch['f']!, batch['y']!, made()) } }), {
    state: {},
    batch: { f: { dtype: 'float32', shape: [1, outputs.length] }, y: { dtype: classes ? 'int32' : 'float32', shape: classes ? [1] : [1, y.length] } },
  });
  const at = (f: readonly number[]) => -evaluate([info['value']!], { 'batch:f': f, 'batch:y': y })[0]![0]!;
  const h = 1e-4;
  const moved = (i: number, di: number, j: number, dj: number) => at(outputs.map((f, k) => f + (k === i ? di : 0) + (k === j ? dj : 0)));
  return outputs.map((_, i) => outputs.map((_, j) => (moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) / (4 * h * h)));
}

const close = (actual: number[][], expected: number[][], tolerance: number) =>
  actual.forEach((row, i) => row.forEach((value, j) => expect(Math.abs(value - expected[i]![j]!), `entry ${i}, ${j}`).toBeLessThan(tolerance)));

describe('output curvature', () => {
  it('is the Hessian of −log p for logits and for means, whatever y is', () => {
    const categorical = likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 });
    for (const y of [0, 2]) close(fisher(categorical, logits), hessian(categorical, logits, [y]), 1e-6);
    for (const noise of ['learnt', 'fixed'] as const) {
      const gaussian = likelihoods.gaussian.build({ noise, sd: 0.7 }, regression);
      close(fisher(gaussian, [0.2, -0.5]), hessian(gaussian, [0.2, -0.5], [1, 2]), 1e-6);
    }
  });

  it('is the Fisher information diag(1/s², 2) of a mean and a log deviation', () => {
    const gaussian = likelihoods.gaussian.build({ noise: 'per-input', sd: 1 }, { kind: 'regression', outputs: 1 });
    close(fisher(gaussian, [0.2, 0.6]), [[Math.exp(-1.2), 0], [0, 2]], 1e-6); // prettier-ignore
  });

  it('is the second moment of the sampled score', () => {
    const rows = 50_000;
    const cases: [Likelihood, readonly number[]][] = [
      [likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 }), logits],
      [likelihoods.gaussian.build({ noise: 'fixed', sd: 0.7 }, { kind: 'regression', outputs: 1 }), [0.2]],
      [likelihoods.gaussian.build({ noise: 'per-input', sd: 1 }, { kind: 'regression', outputs: 1 }), [0.2, 0.6]],
    ];
    for (const [likelihood, outputs] of cases) {
      const scores = read(() => [
        ...curvatureOf(likelihood)
          .sampledScore(broadcastTo(tensor([...outputs]), [rows, outputs.length]), made(), { source: seededNoise(1, 0), address: 0 })
          .dataSync(),
      ]);
      const n = outputs.length;
      const moment = outputs.map((_, i) =>
        outputs.map((_, j) => scores.reduce((total, value, k) => (k % n === i ? total + value * scores[k - i + j]! : total), 0) / rows),
      );
      close(moment, fisher(likelihood, outputs), 0.1); // three standard errors of (1 − ε²)², the widest of them
    }
  });
});
