/** @file Priors that are more than a density for each entry: the horseshoes and the learnt precision. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { add, grads, mul, scalar, setBackend, stack, sum, tensor, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ParameterSpec } from '../numerics/parameter';
import { mapParams, type Params } from '../numerics/tree';
import { likelihoods } from './likelihoods';
import { priors } from './priors';
import { makeTarget } from './target';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const value = (f: () => Tensor): number => values(f)[0]!;
const key = { source: { draw: () => scalar(0) }, address: 0 };
const normal = (x: number, sd: number) => Math.exp(-0.5 * (x / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
const spec = (name: string, shape: number[]): ParameterSpec => ({ name, shape, role: 'kernel', fanIn: 2, fanOut: 2, bayesian: true, affine: 'once', layer: 0 });

/** A network whose output is the sum of its weights times x. */
const targetOf = (prior: ReturnType<(typeof priors)['horseshoe']['build']>) =>
  makeTarget({
    parameters: [spec('w', [2, 2]), spec('b', [2])],
    forward: ({ w, b }, x) => mul(x, add(sum(w!, [-1, -2]), sum(b!, -1))),
    likelihood: likelihoods.gaussian.build({ noise: 'fixed', sd: 1 }, { kind: 'regression', outputs: 1 }),
    priors: { w: prior, b: prior },
    rows: 1,
  });

describe.each([
  ['horseshoe', priors.horseshoe.build({ global: 0.01 }), 0.01, Infinity],
  ['regularised horseshoe', priors['regularised-horseshoe'].build({ global: 0.1, slab: 0.5 }), 0.1, 0.5],
] as const)('%s', (_name, prior, global, slab) => {
  const { logLocal, logGlobal } = prior.hierarchy!.scales;

  it('draws the density of its weights with all scales integrated out', () => {
    // By brute force over both log scales: catches a lost Jacobian, λ for λ², a slab on τ alone.
    const step = 0.1;
    for (const w of [0.003, 0.04, -0.7]) {
      let total = 0;
      for (let u = -14; u < 14; u += step)
        for (let v = -18; v < 12; v += step) {
          const scale = Math.exp(u + v);
          total += step * step * Math.exp(logLocal!.prior.density(u) + logGlobal!.prior.density(v)) * normal(w, scale / Math.sqrt(1 + (scale / slab) ** 2));
        }
      expect(prior.density(w)).toBeCloseTo(Math.log(total), 3);
    }
  });
  it('integrates to 1, as its scales do', () => {
    let [weights, local] = [0, 0];
    const step = 0.05;
    for (let t = -24; t < 8; t += step) weights += 2 * step * Math.exp(t + prior.density(Math.exp(t)));
    for (let u = -30; u < 30; u += step) local += step * Math.exp(logGlobal!.prior.density(u));
    expect(weights).toBeCloseTo(1, 3);
    expect(local).toBeCloseTo(1, 5);
  });
  it('makes the weights of standardised ones and their scales, of one network and of members', () => {
    const target = targetOf(prior);
    expect(target.parameters.map(({ name, shape, affine }) => [name, shape, affine])).toEqual([
      ['w', [2, 2], undefined],
      ['b', [2], undefined],
      ['w.logLocal', [2, 2], undefined],
      ['w.logGlobal', [1], undefined],
      ['b.logLocal', [2], undefined],
      ['b.logGlobal', [1], undefined],
    ]);
    const member = (shift: number) => ({
      w: [0.5, -1, 2, 0.1].map((z) => z + shift),
      b: [1, shift],
      'w.logLocal': [0.2, -0.4, shift, 1],
      'w.logGlobal': [-0.3 + shift],
      'b.logLocal': [0, -shift],
      'b.logGlobal': [0.6],
    });
    const paramsOf = (shift: number): Params => {
      const leaves: { readonly [name: string]: readonly number[] } = member(shift);
      return Object.fromEntries(target.parameters.map(({ name, shape }) => [name, tensor([...leaves[name]!], [...shape])]));
    };
    const byHand = (shift: number) => {
      const { w, b, ...logs } = member(shift);
      const made = (z: readonly number[], local: readonly number[], log: readonly number[]) =>
        z.reduce((total, value, i) => {
          const scale = Math.exp(local[i]! + log[0]!);
          return total + (value * scale) / Math.sqrt(1 + (scale / slab) ** 2);
        }, 0);
      return made(w, logs['w.logLocal'], logs['w.logGlobal']) + made(b, logs['b.logLocal'], logs['b.logGlobal']);
    };
    const x = () => tensor([1], [1, 1]);
    const both = () => mapParams((_name, a, b) => stack([a, b]), paramsOf(0.25), paramsOf(-0.5));
    expect(value(() => target.forward(paramsOf(0.25), x(), key))).toBeCloseTo(byHand(0.25), 4);
    values(() => target.forward(both(), x(), key)).forEach((y, k) => expect(y).toBeCloseTo(byHand([0.25, -0.5][k]!), 4));
    // The prior: standard normals and log half-Cauchys, summed over all leaves and members.
    const expected = (shift: number) => {
      const { w, b, ...logs } = member(shift);
      const scales = (own: readonly number[], scale: { readonly prior: { density(u: number): number } }) =>
        own.reduce((total, u) => total + scale.prior.density(u), 0);
      return (
        [...w, ...b].reduce((total, z) => total + Math.log(normal(z, 1)), 0) +
        scales([...logs['w.logLocal'], ...logs['b.logLocal']], logLocal!) +
        scales([...logs['w.logGlobal'], ...logs['b.logGlobal']], logGlobal!)
      );
    };
    expect(value(() => target.logPrior(paramsOf(0.25)))).toBeCloseTo(expected(0.25), 4);
    expect(value(() => target.logPrior(both()))).toBeCloseTo(expected(0.25) + expected(-0.5), 4);
    const slope = value(() => grads((g) => target.logPrior({ ...paramsOf(0.25), 'w.logGlobal': g! }))([tensor1d([-0.05])])[0]!);
    const h = 1e-5;
    expect(slope).toBeCloseTo((logGlobal!.prior.density(-0.05 + h) - logGlobal!.prior.density(-0.05 - h)) / (2 * h), 3);
  });
});

it('half-Cauchy log scales have the density of scipy.stats.halfcauchy(scale=0.1) at e^0.4, with the Jacobian', () => {
  expect(priors.horseshoe.build({ global: 0.1 }).hierarchy!.scales['logGlobal']!.prior.density(0.4)).toBeCloseTo(-3.1586510232365503, 10);
});

describe('learnt precision', () => {
  const prior = priors['gamma-precision'].build({ shape: 2, rate: 0.5 });

  it('is the multivariate t of scipy.stats.multivariate_t(df=2a, shape=b/a)', () => {
    // Catches entries taken as independent, which share their precision.
    expect(value(() => prior.logDensity(tensor1d([0.3, -0.1, 0.2])))).toBeCloseTo(-0.9747201448494407, 5);
    expect(value(() => prior.logDensity(tensor1d([0.3])))).toBeCloseTo(prior.density(0.3), 5);
  });
  it('is of each member by itself', () => {
    const target = targetOf(prior);
    const paramsOf = (factor: number) => ({ w: mul(tensor([0.1, 0.2, -0.3, 0.4], [2, 2]), factor), b: mul(tensor1d([0.5, -0.1]), factor) });
    const both = () => mapParams((_name, a, b) => stack([a, b]), paramsOf(1), paramsOf(3));
    expect(value(() => target.logPrior(both()))).toBeCloseTo(value(() => target.logPrior(paramsOf(1))) + value(() => target.logPrior(paramsOf(3))), 4);
  });
});
