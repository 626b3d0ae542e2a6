/** @file The importance-weighted bound on the conjugate model, at numbers of draws that a unit test cannot afford. */
import { matMul, reshape } from '@tensorflow/tfjs-core';
import { openDevice } from '../../src-main/engine/backends';
import { importanceWeighted } from '../../src-main/engine/inference/importance-weighted';
import { withWeights } from '../../src-main/engine/numerics/affine';
import { float32 } from '../../src-main/engine/numerics/host-tensor';
import { likelihoods } from '../../src-main/engine/probability/likelihoods';
import { priors } from '../../src-main/engine/probability/priors';
import { makeTarget } from '../../src-main/engine/probability/target';
import { atMost, type Figure, type Row } from './row';

/** y = [1, x] w + N(0, 1/25), w ~ N(0, I): log evidence, and the posterior's own means and variances, which q has without their correlation. */
const evidence = -2.8320913645964385;
const q = { mean: [0.0694927, 0.9532082], variance: [0.02710215, 0.00779863] };
const data = { x: float32([4, 2], Float32Array.of(1, 0, 1, 1, 1, 2, 1, 3)), y: float32([4, 1], Float32Array.of(0.1, 0.9, 2.1, 2.9)) };

const target = () =>
  makeTarget({
    parameters: [{ name: 'w', shape: [2, 1], role: 'kernel', fanIn: 2, fanOut: 1, bayesian: true, affine: 'once', layer: 0 }],
    forward: (params, x, _key, rule = withWeights(params)) =>
      rule({ kernel: 'w', bias: 'none', product: (input, kernel) => matMul(input, reshape(kernel, [2, 1])) }, x),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 0.2 }, { kind: 'regression', outputs: 1 }),
    priors: { w: priors.gaussian.build({ sd: 1 }) },
    rows: 4,
  });

const drawsOfStep = 50;
const stepsOfBound = 20;
const repeats = 1000;

/** log (1/K) Σ exp a over groups of equal size whose own bounds are given. */
function combine(bounds: readonly number[]): number {
  const top = Math.max(...bounds);
  return top + Math.log(bounds.reduce((total, bound) => total + Math.exp(bound - top), 0) / bounds.length);
}

async function measure(): Promise<Figure[]> {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const settings = importanceWeighted.settings.parse({ draws: drawsOfStep, optimiser: 'sgd', learningRate: 1e-8 });
  const algorithm = importanceWeighted.build(target(), settings);
  const rho = q.variance.map((variance) => Math.log(Math.expm1(Math.sqrt(variance) - 1e-6)));
  const state = device.upload({ 'mean/w': float32([2, 1], Float32Array.from(q.mean)), 'rho/w': float32([2, 1], Float32Array.from(rho)) });
  const hyper = { learningRate: 0, klWeight: 1 };
  const batch = { x: { dtype: 'float32', shape: [4, 2] }, y: { dtype: 'float32', shape: [4, 1] } } as const;
  const program = await device.compile(algorithm.steps['main']!, { state: state.specs, batch, hyper: Object.keys(hyper) });
  const bounds: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const parts: number[] = [];
    for (let i = 0; i < stepsOfBound; i++) {
      const info = await program.run({ state, batch: data, hyper, noise: { seed: 1, step: repeat * stepsOfBound + i } });
      parts.push(4 * info['importanceBound']!.data[0]!);
    }
    bounds.push(combine(parts));
  }
  await program.dispose();
  state.dispose();
  await device.close();
  const mean = bounds.reduce((a, b) => a + b) / repeats;
  const error = Math.sqrt(bounds.reduce((total, bound) => total + (bound - mean) ** 2, 0) / (repeats * (repeats - 1)));
  return [
    atMost('gap to the evidence', evidence - mean, 0.01, 'nats', 'inference conventions'),
    atMost('mean above the evidence', mean - evidence, 3 * error, 'nats', '3 SE: it is a lower bound'),
  ];
}

export const importance: readonly Row[] = [
  {
    id: 'exact/importance-weighted',
    title: 'Importance-weighted bound, 1,000 draws',
    group: 'Exact answers',
    method: 'importance-weighted',
    how: `The conjugate linear model, q = N(m, diag C), ${drawsOfStep * stepsOfBound} draws, ${repeats} repeats.`,
    minutes: 2,
    run: () => measure(),
  },
];
