/** @file One step of each sampler in float64, against values worked out apart. */
import { matMul, mul, reshape, sum, tensor2d, type Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hostUniforms } from '../numerics/host-random';
import type { Params } from '../numerics/tree';
import { likelihoods } from '../probability/likelihoods';
import { closeTo, conjugateRows as rows, conjugateSpecs as batch, exactStep, time } from './exact-step.testing';
import { hmc } from './hmc';
import { psgld } from './psgld';
import { sghmc } from './sghmc';
import { sgld } from './sgld';
import { sgnht } from './sgnht';
import { conjugateTarget } from './testing';

const xi = [0.5, -1.2];
const w = [0.3, 0.8];

describe('one step from (0.3, 0.8) with noise (0.5, −1.2), worked out in NumPy', () => {
  it('of SGLD, and what it reports', () => {
    const step = exactStep(sgld.build(conjugateTarget(), sgld.settings.parse({ stepSize: 1e-3, temperature: 0.5 })), batch);
    const { state, info } = step({ 'params/w': w }, rows, xi);
    closeTo(state['params/w']!, [0.311030339887499, 0.7827671842700025]);
    closeTo([4 * info['potential']!, info['configurationalTemperature']!], [1.4408795494916342, -7.635], 1e-6);
    closeTo([4 * info['nll']! - info['logPrior']!], [1.4408795494916342], 1e-6);
  });

  it('of pSGLD while it adapts, and afterwards', () => {
    const algorithm = psgld.build(conjugateTarget(), psgld.settings.parse({ stepSize: 0.01, decay: 0.9 }));
    const { state } = exactStep(algorithm, batch)({ 'params/w': w, 'square/w': [3, 5] }, rows, xi);
    closeTo(state['square/w']!, [2.709, 41.364]);
    closeTo(state['params/w']!, [0.3380619979974316, 0.7676086516540132]);
    const later = exactStep(algorithm, batch, time(60))({ 'params/w': w, 'square/w': [2.709, 41.364] }, rows, xi);
    expect(later.state).toEqual({ 'params/w': later.state['params/w'], 'square/w': [2.709, 41.364] }); // frozen
    closeTo(later.state['params/w']!, [0.3380619979974316, 0.7676086516540132]);
  });

  it('of pSGLD with Γ, which is ∂G/∂θ by finite differences, on average over the signs', () => {
    const settings = { stepSize: 0.01, decay: 0.9, adaptation: 'always', temperature: 0.5 };
    const moved = (correction: boolean, signs: readonly number[]): readonly number[] => {
      const algorithm = psgld.build(conjugateTarget(), psgld.settings.parse({ ...settings, correction }));
      return exactStep(algorithm, batch)({ 'params/w': w, 'square/w': [3, 5] }, rows, xi, signs).state['params/w']!;
    };
    const metric = (i: number, at: readonly number[]): number => {
      const step = exactStep(psgld.build(conjugateTarget(), psgld.settings.parse({ ...settings, stepSize: 1 })), batch);
      return 1 / (Math.sqrt(step({ 'params/w': at, 'square/w': [3, 5] }, rows, xi).state['square/w']![i]!) + 1e-8);
    };
    const plain = moved(false, [0.5]);
    const [same, mixed] = [moved(true, [0.2, 0.2]), moved(true, [0.2, 0.8])];
    w.forEach((_, i) => {
      const h = 1e-5;
      const gamma = (metric(i, w.with(i, w[i]! + h)) - metric(i, w.with(i, w[i]! - h))) / (2 * h);
      const added = (same[i]! + mixed[i]!) / 2 - plain[i]!;
      expect(Math.abs(added / (0.01 * 0.5 * 0.5 * gamma) - 1), `${i}`).toBeLessThan(1e-5);
    });
    expect(same[0]).not.toBeCloseTo(mixed[0]!, 5); // one direction alone sees the other weight too
  });

  it('bounds the step of a weight that nothing pulls, by the squares of its neighbours', () => {
    // The gradient is (0.3, −19.2). Without the floor of 1 % of the mean, 10, a preconditioner of 1/0.3 would be frozen in.
    const slow = psgld.build(conjugateTarget(), psgld.settings.parse({ decay: 0 }));
    closeTo(exactStep(slow, batch)({ 'params/w': w, 'square/w': [1500, 500] }, rows, xi).state['square/w']!, [10, 368.64], 1e-6);
    const adapted = sghmc.build(conjugateTarget(), sghmc.settings.parse({ clipping: 0 }));
    const scales = { 'scales/window/w': [1, 1], 'scales/mean/w': [1, 1], 'scales/square/w': [1, 4e5] };
    const { state } = exactStep(adapted, batch)({ 'params/w': w, 'momentum/w': [0, 0], ...scales }, rows, xi);
    closeTo(state['scales/square/w']!.slice(0, 1), [2000.005], 1e-6);
  });

  it('of scale-adapted SG-HMC in its burn-in', () => {
    const algorithm = sghmc.build(conjugateTarget(), sghmc.settings.parse({ clipping: 0 }));
    const before = { 'params/w': w, 'momentum/w': [0.01, -0.02], 'scales/window/w': [2, 3], 'scales/mean/w': [0.5, -0.4], 'scales/square/w': [40, 50] };
    const { state, info } = exactStep(algorithm, batch)(before, rows, xi);
    closeTo(state['scales/window/w']!, [2.9875000003125, 3.990400000192], 1e-6);
    closeTo(state['scales/mean/w']!, [0.4330544157210093, -5.111305956242345], 1e-6);
    closeTo(state['scales/square/w']!, [26.641008657126704, 129.8516239306946], 1e-6);
    closeTo(state['momentum/w']!, [0.0101883461392501, -0.0199492227888261]);
    closeTo(state['params/w']!, [0.3101883461392501, 0.7800507772111739]);
    closeTo([info['kineticTemperature']!], [16.871805389301848], 1e-6);
  });

  it('of plain SG-HMC, with friction and with a new momentum', () => {
    const algorithm = sghmc.build(conjugateTarget(), sghmc.settings.parse({ preconditioner: 'none', stepSize: 1e-3, friction: 0.1, clipping: 0 }));
    const before = { 'params/w': w, 'momentum/w': [0.01, -0.02] };
    closeTo(exactStep(algorithm, batch)(before, rows, xi).state['params/w']!, [0.30922330679775, 0.7814825436854]);
    closeTo(exactStep(algorithm, batch, time(49))(before, rows, xi).state['momentum/w']!, [0.0004997, -0.0011808]);
  });

  it('of SGNHT', () => {
    const algorithm = sgnht.build(conjugateTarget(), sgnht.settings.parse({ stepSize: 0.02, noise: 0.1 }));
    const { state } = exactStep(algorithm, batch)({ 'params/w': w, 'momentum/w': [0.01, -0.02], friction: [0.2] }, rows, xi);
    closeTo([...(state['friction'] ?? []), ...(state['momentum/w'] ?? [])], [0.19985, 0.0123536359549996, -0.019056126291999]);
    closeTo(state['params/w']!, [0.3123536359549995, 0.780943873708001]);
  });

  it('of HMC: two leapfrog steps at temperature 2, accepted and refused by the same energies', () => {
    const algorithm = hmc.build(conjugateTarget(), hmc.settings.parse({ stepSize: 0.03, leapfrogSteps: 2, temperature: 2 }));
    const search = { 'search/logStep': [Math.log(0.03)], 'search/logMean': [0], 'search/error': [0], 'search/count': [0] };
    const step = exactStep(algorithm, batch);
    const accepted = step({ 'params/w': w, ...search }, rows, xi); // uniform 0.5: no jitter, and below exp(−ΔH)
    closeTo(accepted.state['params/w']!, [0.331189717875, 0.74927591225], 1e-6);
    closeTo([accepted.info['energyError']!, accepted.info['acceptance']!], [0.019505064780392156, 0.9806839282273574], 1e-6);
    const unjittered = hmc.build(conjugateTarget(), hmc.settings.parse({ stepSize: 0.03, leapfrogSteps: 2, temperature: 2, jitter: 0 }));
    expect(exactStep(unjittered, batch)({ 'params/w': w, ...search }, rows, xi, [0.99]).state['params/w']).toEqual(w);
    // Dual averaging: H = (0.8 − 0.98…)/11, log ε = log 0.3 − 20 H; ε̄ takes it over whole in the first step.
    const logStep = Math.log(0.3) - (20 * (0.8 - 0.9806839282273574)) / 11;
    closeTo([accepted.state['search/logStep']![0]!, accepted.state['search/logMean']![0]!, accepted.state['search/count']![0]!], [logStep, logStep, 1], 1e-6);
  });
});

it('lets a learnt noise level descend by twice the drift and no noise, as the reference repository does, and nothing else', () => {
  const likelihood = likelihoods.gaussian.build({ noise: 'learnt', sd: 1 }, { kind: 'regression', outputs: 1 });
  const target = { ...conjugateTarget(), parameters: [...conjugateTarget().parameters, ...likelihood.parameters.map((spec) => ({ ...spec, layer: 1 }))] };
  const noise = 'likelihood.logNoise';
  // U = Σ s + r²/(2 e²ˢ) over the four rows, r as of w: ∂U/∂s = 4 − Σ r²/e²ˢ.
  const density = (params: Params) =>
    mul(sum(likelihood.logDensity(matMul(tensor2d(rows.x, [4, 2]), reshape(params['w']!, [2, 1])), tensor2d(rows.y, [4, 1]), params)), 1) as Scalar;
  const moved = (method: typeof sgld | typeof psgld, noiseLevel: string) => {
    const settings = method.settings.parse({ stepSize: 0.01, noiseLevel, temperature: 0.5 });
    const step = exactStep((method as typeof sgld).build({ ...target, logLikelihood: density }, settings as never), batch);
    return step({ 'params/w': w, [`params/${noise}`]: [0.2], 'square/w': [3, 5], [`square/${noise}`]: [7] }, rows, xi).state;
  };
  const residuals = rows.y.map((y, i) => y - rows.x[2 * i]! * w[0]! - rows.x[2 * i + 1]! * w[1]!);
  const gradient = 4 - residuals.reduce((total, r) => total + r * r, 0) / Math.exp(0.4);
  for (const method of [sgld, psgld]) {
    const [descent, sampled] = [moved(method, 'descent'), moved(method, 'sampled')];
    closeTo(descent[`params/${noise}`]!, [0.2 - 0.01 * gradient], 1e-6);
    expect(Math.abs(sampled[`params/${noise}`]![0]! - descent[`params/${noise}`]![0]!)).toBeGreaterThan(1e-3);
    expect(descent['params/w']).toEqual(sampled['params/w']);
  }
});

describe('SGLD', () => {
  const count = 4000;
  const free = {
    ...conjugateTarget(),
    parameters: [{ name: 'w', shape: [count], role: 'kernel', fanIn: 1, fanOut: 1, bayesian: true, layer: 0 } as const],
    logLikelihood: (params: { readonly [name: string]: Parameters<typeof mul>[0] }) => mul(sum(params['w']!), 0) as Scalar,
    logPrior: (params: { readonly [name: string]: Parameters<typeof mul>[0] }) => mul(sum(params['w']!), 0) as Scalar,
  };

  it('is Brownian motion of variance ε T t where nothing pulls', () => {
    const step = exactStep(sgld.build(free, sgld.settings.parse({ stepSize: 0.02, temperature: 0.7 })), {});
    let at: readonly number[] = new Array<number>(count).fill(0);
    const uniform = hostUniforms(3, 0, 'brownian');
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    for (let t = 0; t < 10; t++) at = step({ 'params/w': at }, {}, Array.from({ length: count }, normal)).state['params/w']!;
    const variance = at.reduce((total, value) => total + value ** 2, 0) / count;
    expect(Math.abs(variance / (0.02 * 0.7 * 10) - 1)).toBeLessThan(3 * Math.sqrt(2 / count)); // three standard errors
  });

  it('scales each minibatch up to the whole data set, the short last one by its own rows', () => {
    // 1010 rows in batches of 50, the last of 10: with weights n/N the batches' gradients make up the whole one. Dropping N/n, or 50 for 10, fails.
    const N = 1010;
    const x = Float64Array.from({ length: 2 * N }, (_, i) => (i % 2 ? Math.sin(i) : 1));
    const y = Float64Array.from({ length: N }, (_, i) => Math.cos(3 * i));
    const algorithm = sgld.build(conjugateTarget(N), sgld.settings.parse({ stepSize: 2, temperature: 0 }));
    const gradient = (first: number, n: number): number[] => {
      const step = exactStep(algorithm, { x: { dtype: 'float32', shape: [n, 2] }, y: { dtype: 'float32', shape: [n, 1] } });
      const { state } = step({ 'params/w': w }, { x: [...x.subarray(2 * first, 2 * (first + n))], y: [...y.subarray(first, first + n)] }, [0]);
      return w.map((value, i) => value - state['params/w']![i]!);
    };
    const whole = gradient(0, N);
    const mean = [0, 0];
    for (let first = 0; first < N; first += 50) {
      const n = Math.min(50, N - first);
      gradient(first, n).forEach((value, i) => (mean[i]! += (n / N) * value));
    }
    closeTo(mean, whole);
  });
});

describe('pSGLD that adapts always', () => {
  // U = ½ θ² and G = 1/(|θ| + 1), as α = 0: with Γ the chain keeps N(0, 1); without, its density is multiplied by 1/G, a variance of 1.44.
  const count = 1500;
  const bowl = (params: { readonly [name: string]: Parameters<typeof mul>[0] }) => mul(sum(mul(params['w']!, params['w']!)), -0.5) as Scalar;
  const target = {
    ...conjugateTarget(),
    parameters: [{ name: 'w', shape: [count], role: 'kernel', fanIn: 1, fanOut: 1, bayesian: true, layer: 0 } as const],
    logLikelihood: bowl,
    logPrior: (params: Parameters<typeof bowl>[0]) => mul(bowl(params), 0) as Scalar,
  };

  it.each([true, false])('keeps the posterior’s variance with Γ, and not without it: %s', (correction) => {
    const step = exactStep(psgld.build(target, psgld.settings.parse({ stepSize: 0.1, decay: 0, damping: 1, adaptation: 'always', correction })), {});
    const uniform = hostUniforms(4, 0, 'bowl');
    const normals = () => Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
    let state: { readonly [path: string]: readonly number[] } = { 'params/w': normals(), 'square/w': new Array<number>(count).fill(1) };
    for (let t = 0; t < 60; t++) state = step(state, {}, normals()).state;
    const variance = state['params/w']!.reduce((total, value) => total + value ** 2, 0) / count;
    if (correction)
      expect(Math.abs(variance - 1)).toBeLessThan(3 * Math.sqrt(2 / count) + 0.02); // 0.02: the step's own bias
    else expect(variance).toBeGreaterThan(1.2);
  });
});

it('says what cannot be sampled, and what to do instead', () => {
  const target = conjugateTarget();
  const convolved = { ...target, parameters: [{ ...target.parameters[0]!, name: 'conv2d1.kernel', shape: [3, 3, 1, 8] }] };
  const problems = (of: typeof target, settings: object) => psgld.problems!(of, psgld.settings.parse(settings));
  expect(problems(convolved, { adaptation: 'always', correction: true })).toEqual([expect.stringMatching(/conv2d1\.kernel.*turn the correction off/)]);
  expect(problems(convolved, { correction: true })).toEqual([]); // frozen after the burn-in, Γ is 0
  expect(problems(target, { draws: 1, lastDraw: 'dropped' })).toEqual([expect.stringContaining('ask for more draws')]);
});
