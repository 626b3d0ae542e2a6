/** @file What samplers promise, by many chains at once: calibrated ranks, and a minibatch posterior of the right mean and spread. */
import { buildModel } from '../../src-main/engine/nn/model';
import { Architecture } from '../../src-main/contract/spec';
import { hmc } from '../../src-main/engine/inference/hmc';
import { sghmc } from '../../src-main/engine/inference/sghmc';
import { sgld } from '../../src-main/engine/inference/sgld';
import type { Algorithm, Target } from '../../src-main/engine/inference/method';
import { hostUniforms } from '../../src-main/engine/numerics/host-random';
import { float32, type HostTensors } from '../../src-main/engine/numerics/host-tensor';
import { likelihoods } from '../../src-main/engine/probability/likelihoods';
import { priors } from '../../src-main/engine/probability/priors';
import { makeTarget } from '../../src-main/engine/probability/target';
import { follow } from './chains';
import { atLeast, atMost, type Row } from './row';

/** Standard normals, fixed by the label. */
function normals(label: string): () => number {
  const uniform = hostUniforms(1, 0, label);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
const filled = (shape: readonly number[], next: (index: number) => number) =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => next(i)),
  );

/** A regression with fixed noise and a standard normal prior. */
function regression(layers: object[], inputs: number, rows: number, noise: number): { readonly target: Target; readonly names: readonly string[] } {
  const likelihood = likelihoods.gaussian.build({ noise: 'fixed', sd: noise }, { kind: 'regression', outputs: 1 });
  const model = buildModel(Architecture.parse({ layers }), [inputs], likelihood.outputs);
  const prior = priors.gaussian.build({ sd: 1 });
  const target = makeTarget({
    parameters: model.parameters,
    forward: (params, x, _key, rule) => model.apply(params, x, rule),
    likelihood,
    priors: Object.fromEntries(model.parameters.map(({ name }) => [name, prior])),
    rows,
  });
  return { target, names: model.parameters.map(({ name }) => name) };
}

const hidden = 3;
const sbcRows = 10;
const sbcNoise = 0.5;
const replications = 512;
const draws = 63;

/** 1 – tanh × 3 – 1; all in double precision. */
const output = (weights: HostTensors, c: number, x: number): number => {
  const at = (name: string, i: number, size: number) => weights[name]!.data[c * size + i]!;
  let y = at('output.bias', 0, 1);
  for (let h = 0; h < hidden; h++) y += at('output.kernel', h, hidden) * Math.tanh(at('dense1.kernel', h, hidden) * x + at('dense1.bias', h, hidden));
  return y;
};

/**
 * Ranks of the truth among the draws of its posterior, for data drawn from the prior: uniform if the sampler is right. Each chain has data
 * of its own. Quantities: the function at two places, which see no symmetry of the weights.
 *
 * @see Talts et al. (2018), Validating Bayesian Inference Algorithms with Simulation-Based Calibration, algorithm 2
 * @returns χ² of the ranks in 16 bins for each quantity: 15 degrees of freedom
 */
async function calibrationOf(build: (target: Target) => Algorithm, steps: number, seed: number): Promise<number[]> {
  const { target } = regression([{ kind: 'dense', settings: { units: hidden, activation: 'tanh' } }, { kind: 'output' }], 1, sbcRows, sbcNoise);
  const z = normals(`truths ${seed}`);
  const truth: HostTensors = Object.fromEntries(target.parameters.map(({ name, shape }) => [name, filled([replications, ...shape], z)]));
  const places = Array.from({ length: sbcRows }, (_, i) => -2 + (4 * i) / (sbcRows - 1));
  const batch: HostTensors = {
    x: filled([sbcRows, 1], (i) => places[i]!),
    y: filled([replications, sbcRows, 1], (i) => output(truth, Math.floor(i / sbcRows), places[i % sbcRows]!) + sbcNoise * z()),
  };
  const probes = [0.3, 3];
  const ranks = probes.map(() => new Int32Array(replications));
  await follow({
    algorithm: build(target),
    seed,
    steps,
    batch: () => batch,
    kept(params) {
      const weights = Object.fromEntries(Object.entries(params).map(([path, tensor]) => [path.slice('params/'.length), tensor]));
      probes.forEach((x, quantity) => {
        for (let c = 0; c < replications; c++) if (output(weights, c, x) < output(truth, c, x)) ranks[quantity]![c]!++;
      });
    },
  });
  const bins = 16;
  return ranks.map((own) => {
    const counts = new Array<number>(bins).fill(0);
    for (const rank of own) counts[Math.floor((rank * bins) / (draws + 1))]!++;
    return counts.reduce((sum, count) => sum + (count - replications / bins) ** 2 / (replications / bins), 0);
  });
}

const sbcHmc: Row = {
  id: 'samplers/sbc-hmc',
  title: 'HMC, simulation-based calibration',
  group: 'Samplers',
  method: 'hmc',
  how: `${replications} data sets of ${sbcRows} rows from the prior of a 1-${hidden}-1 net, ${draws} draws each, 6 trajectories of 10 leapfrog steps apart; χ² of the ranks in 16 bins.`,
  minutes: 2,
  async run() {
    const found = await calibrationOf(
      (target) => hmc.build(target, hmc.settings.parse({ chains: replications, stepSize: 0.1, leapfrogSteps: 10, draws, thinning: 6, burnIn: 0.3 })),
      600,
      1,
    );
    return found.map((chi2, i) => atMost(`χ² of the function at ${[0.3, 3][i]}`, chi2, 30.58, '', 'p > .01 at 15 degrees of freedom'));
  },
};

const sbcSghmc: Row = {
  id: 'samplers/sbc-sghmc',
  title: 'SG-HMC, calibration against the step',
  group: 'Samplers',
  method: 'sghmc',
  how: `The same, by SG-HMC without preconditioner at ε = 0.03 and 0.006 over equal times.`,
  minutes: 3,
  async run() {
    const at = async (stepSize: number, steps: number) =>
      Math.max(
        ...(await calibrationOf(
          (target) =>
            sghmc.build(
              target,
              sghmc.settings.parse({
                chains: replications,
                preconditioner: 'none',
                stepSize,
                friction: stepSize,
                clipping: 0,
                resampleEvery: 0,
                draws,
                burnIn: 0.2,
              }),
            ),
          steps,
          2,
        )),
      );
    const [coarse, fine] = [await at(0.03, 8000), await at(0.006, 40_000)];
    return [atMost('largest χ² of the small step', fine, coarse, '', 'that of the large step')];
  },
};

const rows = 1010;
const chains = 512;

/** Linear regression on [1, x] of 1010 rows: everything about its posterior, in double precision. */
function linear() {
  const z = normals('linear');
  const x = Array.from({ length: rows }, (_, i) => [1, Math.sin(i)] as const);
  const noise = 2;
  const y = x.map(([, slope]) => 0.5 - 0.8 * slope + noise * z());
  const P = [0, 1].map((i) => [0, 1].map((j) => Number(i === j) + x.reduce((sum, row) => sum + (row[i]! * row[j]!) / noise ** 2, 0)));
  const moment = [0, 1].map((i) => x.reduce((sum, row, n) => sum + (row[i]! * y[n]!) / noise ** 2, 0));
  const determinant = P[0]![0]! * P[1]![1]! - P[0]![1]! * P[1]![0]!;
  const covariance = [
    [P[1]![1]! / determinant, -P[0]![1]! / determinant],
    [-P[1]![0]! / determinant, P[0]![0]! / determinant],
  ];
  const mean = covariance.map((row) => row[0]! * moment[0]! + row[1]! * moment[1]!);
  return { x, y, noise, P, covariance, mean };
}

const minibatches: Row = {
  id: 'samplers/minibatches',
  title: 'SGLD on minibatches',
  group: 'Samplers',
  method: 'sgld',
  how: `Linear regression of ${rows} rows in shuffled batches of 50, the last of 10, ε = 0.0002; ${chains} chains after 60 epochs, against the exact posterior.`,
  minutes: 1,
  async run() {
    const { x, y, noise, P, covariance, mean } = linear();
    const stepSize = 2e-4;
    const steps = 60 * 21;
    const { target, names } = regression([{ kind: 'output' }], 1, rows, noise);
    const uniform = hostUniforms(1, 0, 'shuffles');
    let order: number[] = [];
    const batch = (step: number): HostTensors => {
      const first = 50 * (step % 21);
      if (first === 0)
        order = x
          .map((_, i) => ({ i, at: uniform() }))
          .sort((a, b) => a.at - b.at)
          .map(({ i }) => i);
      const own = order.slice(first, first + 50);
      return { x: filled([own.length, 1], (i) => x[own[i]!]![1]), y: filled([own.length, 1], (i) => y[own[i]!]!) };
    };
    const sample: number[][] = [];
    await follow({
      algorithm: sgld.build(target, sgld.settings.parse({ chains, stepSize, draws: 1 })),
      seed: 3,
      steps,
      batch,
      kept(params) {
        const [bias, slope] = ['output.bias', 'output.kernel'].map((name) => params[`params/${name}`]!.data);
        for (let c = 0; c < chains; c++) sample.push([bias![c]!, slope![c]!]);
      },
    });
    if (names.length !== 2) throw new Error('a line has two parameters');
    return summarise(sample, { stepSize, P, covariance, mean, x, y, noise });
  },
};

/** Mean within 3 SE; variances between the exact ones and those with the noise of the minibatches and of the step added. */
function summarise(sample: readonly number[][], { stepSize, P, covariance, mean, x, y, noise }: ReturnType<typeof linear> & { stepSize: number }) {
  // Var of N/n Σ ∇ over n of N rows: N²/n S (1 − n/N), S the covariance of one row's gradient; averaged over 20 batches of 50 and one of 10.
  const residual = x.map(([one, slope], i) => (y[i]! - one * mean[0]! - slope * mean[1]!) / noise ** 2);
  const share = ((20 * (1 - 50 / rows)) / 50 + (1 - 10 / rows) / 10) / 21;
  const names = ['intercept', 'slope'];
  return names.flatMap((name, i) => {
    const values = sample.map((draw) => draw[i]!);
    const centre = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
    const S = x.reduce((sum, row, n) => sum + (row[i]! * residual[n]!) ** 2, 0) / rows;
    // P Σ + Σ P ≈ 2 I + ε/2 (P + Var ∇̂), and Var ∇̂ is nearly a multiple of P: Σ ≈ P⁻¹ + ε/4 (1 + Var ∇̂ / P). Shuffled without replacement it is less.
    const added = (stepSize / 4) * (1 + (rows ** 2 * share * S) / P[i]![i]!);
    const exact = covariance[i]![i]!;
    const error = 3 * Math.sqrt(2 / values.length);
    return [
      atMost(`${name}: distance of the mean`, Math.abs(centre - mean[i]!) / Math.sqrt(variance / values.length), 3, 'SE', 'unbiased'),
      atLeast(`${name}: variance`, variance / exact, 1 - error, 'of the exact', 'not too small, 3 SE'),
      atMost(`${name}: variance`, variance / exact, (1 + added / exact) * (1 + error), 'of the exact', 'exact plus gradient noise, 3 SE'),
    ];
  });
}

export const samplers: readonly Row[] = [sbcHmc, sbcSghmc, minibatches];
