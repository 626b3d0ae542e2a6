/** @file Laplace approximations against exact posteriors, brute-force curvature and finite differences, all in float64. */
import { stack, sum } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { buildModel } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { laplace } from './laplace';
import { positiveEigen } from './laplace-curvature';
import { mostProbablePrecision } from './laplace-evidence';
import { fit, type Fit, type Rows } from './laplace-testing';
import { conjugate, conjugateTarget } from './testing';

const wave = (length: number, phase: number) => Float64Array.from({ length }, (_, i) => Math.sin(phase + 1.7 * i));
const conjugateRows: Rows = { x: { shape: [4, 2], values: [1, 0, 1, 1, 1, 2, 1, 3] }, y: { dtype: 'float32', shape: [4, 1], values: [0.1, 0.9, 2.1, 2.9] } };

describe('Laplace of a linear model with Gaussian noise', () => {
  // One layer, one output: the Kronecker product is exact as well. A prior counted twice, or rows not counted, shows in the first digit.
  it.each(['full', 'kfac', 'kfra'] as const)('%s is the posterior, its evidence included', (structure) => {
    const { covariance, logEvidence } = fit(conjugateTarget(), { structure }, { w: conjugate.mean }, conjugateRows);
    expect(covariance[0]![0]).toBeCloseTo(conjugate.variance[0]!, 7);
    expect(covariance[1]![1]).toBeCloseTo(conjugate.variance[1]!, 7);
    expect(covariance[0]![1]).toBeCloseTo(conjugate.covariance, 7);
    expect(Math.abs(logEvidence(1) - conjugate.logEvidence)).toBeLessThan(2e-6);
  });

  it('is mean-field with a diagonal', () => {
    const { covariance } = fit(conjugateTarget(), { structure: 'diagonal' }, { w: conjugate.mean }, conjugateRows);
    [0, 1].forEach((i) => expect(covariance[i]![i]).toBeCloseTo(conjugate.meanFieldVariance[i]!, 8));
    expect(covariance[0]![1]).toBe(0);
  });

  it('chooses the precision where the evidence is highest', () => {
    const { state, heard, logEvidence } = fit(conjugateTarget(), { structure: 'kfac', precision: 'evidence' }, { w: conjugate.mean }, conjugateRows);
    const chosen = state['mode/precision']!.data[0]!;
    expect(heard).toEqual([`Log marginal likelihood ${logEvidence(chosen).toFixed(2)} nats at ${chosen.toPrecision(3)} times the prior’s precision`]);
    for (const other of [0.98, 1.02]) expect(logEvidence(chosen)).toBeGreaterThan(logEvidence(other * chosen));
    expect(mostProbablePrecision((precision) => -((Math.log10(precision) - 2.2) ** 2))).toBeCloseTo(10 ** 2.2, -1);
  });
});

/** A network, its data and the weights of a wave. The bias has another prior than the kernel. */
function network(layers: object[], inputShape: number[], rows: number, task: 'classification' | 'regression') {
  const likelihood =
    task === 'classification'
      ? likelihoods.categorical.build({}, { kind: 'classification', outputs: 3 })
      : likelihoods.gaussian.build({ noise: 'per-input', sd: 1 }, { kind: 'regression', outputs: 1 });
  const model = buildModel(Architecture.parse({ layers: [...layers, { kind: 'output' }] }), inputShape, likelihood.outputs);
  const target = makeTarget({
    parameters: model.parameters,
    forward: (params, x, _key, rule) => model.apply(params, x, rule),
    likelihood,
    priors: Object.fromEntries(model.parameters.map(({ name, role }) => [name, priors.gaussian.build({ sd: role === 'bias' ? 2 : 0.5 })])),
    rows,
  });
  const weights = Object.fromEntries(target.parameters.map(({ name, shape }, i) => [name, Float32Array.from(wave(sizeOf(shape), 0.3 + i))]));
  const data: Rows = {
    x: { shape: [rows, ...inputShape], values: Float32Array.from(wave(rows * sizeOf(inputShape), 2)) },
    y:
      task === 'classification'
        ? { dtype: 'int32', shape: [rows], values: Int32Array.from({ length: rows }, (_, i) => i % 3) }
        : { dtype: 'float32', shape: [rows, 1], values: Float32Array.from(wave(rows, 4)) },
  };
  const sizes = target.parameters.map(({ shape }) => sizeOf(shape));
  const total = sizes.reduce((a, b) => a + b, 0);
  const at = (flat: ArrayLike<number>): { [name: string]: number[] } => {
    let first = 0;
    return Object.fromEntries(target.parameters.map(({ name }, i) => [`batch:${name}`, Array.from({ length: sizes[i]! }, () => flat[first++]!)]));
  };
  const specs = Object.fromEntries(target.parameters.map(({ name, shape }) => [name, { dtype: 'float32' as const, shape }]));
  const mode = Float64Array.from(target.parameters.flatMap(({ name }) => [...weights[name]!]));
  const x = { dtype: 'float32' as const, shape: data.x.shape };
  const fed = { 'batch:x': data.x.values, 'batch:y': data.y.values };
  const none = { source: { draw: () => expect.fail('no noise here') }, address: 0 };
  /** Largest of the precision's entries, prior included, off from `expected`, as the identity is from precision × covariance. */
  const prior = target.parameters.flatMap(({ role }, i) => Array<number>(sizes[i]!).fill(role === 'bias' ? 1 / 4 : 4));
  return { target, weights, data, total, at, specs, mode, x, fed, none, prior, likelihood };
}
type Network = ReturnType<typeof network>;

/** Σ_rows Jᵀ Λ J with J by central differences and Λ from its root, [P][P]. */
function gaussNewton({ target, at, specs, mode, x, fed, none, total }: Network): number[][] {
  const { info } = trace(
    (_state, batch) => {
      const outputs = target.forward(batch, batch['x']!, none);
      return { info: { outputs, root: stack([...target.outputCurvature!.root(outputs, batch)]) } };
    },
    { state: {}, batch: { ...specs, x } },
  );
  const outputs = (w: ArrayLike<number>) => evaluate([info['outputs']!], { ...fed, ...at(w) })[0]!;
  const root = evaluate([info['root']!], { ...fed, ...at(mode) })[0]!;
  const count = outputs(mode).length;
  const width = info['outputs']!.shape.at(-1)!;
  const h = 1e-5;
  const jacobian = Array.from({ length: total }, (_, p) => {
    const [up, down] = [outputs(mode.with(p, mode[p]! + h)), outputs(mode.with(p, mode[p]! - h))];
    return up.map((value, i) => (value - down[i]!) / (2 * h));
  });
  // r_cᵀ J of every row and column c of the root
  const projected = jacobian.map((ofWeight) =>
    Array.from({ length: root.length / width }, (_, k) =>
      Array.from({ length: width }, (_, o) => root[k * width + o]! * ofWeight[((k * width) % count) + o]!).reduce((a, b) => a + b),
    ),
  );
  return projected.map((a) => projected.map((b) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)));
}

/** Largest entry of (H + s T) Σ − I over the weights of each block. */
function mismatch(hessian: number[][], { prior }: Network, { covariance }: Fit, precision: number, blocks: readonly (readonly number[])[]): number {
  return Math.max(
    ...blocks.flatMap((block) =>
      block.flatMap((i) =>
        block.map((j) =>
          Math.abs(block.reduce((sum, k) => sum + (hessian[i]![k]! + (i === k ? precision * prior[i]! : 0)) * covariance[k]![j]!, 0) - Number(i === j)),
        ),
      ),
    ),
  );
}

const every = ({ total }: Network) => [Array.from({ length: total }, (_, i) => i)];
/** Kernel and bias of each layer. */
const byLayer = (net: Network): number[][] => {
  const layers: number[][] = [];
  let first = 0;
  for (const { layer, shape } of net.target.parameters) for (let i = 0; i < sizeOf(shape); i++) (layers[layer] ??= []).push(first++);
  return layers.filter((block) => block.length > 0);
};

const dense = (units: number, activation: string) => ({ kind: 'dense', settings: { units, activation } });
const conv = { kind: 'conv2d', settings: { filters: 2, kernelHeight: 2, kernelWidth: 2, activation: 'tanh' } };

describe('the curvature', () => {
  it.each([
    ['dense layers and classes', [dense(4, 'tanh')], [3], 'classification'],
    ['noise per input', [dense(3, 'relu')], [2], 'regression'],
    ['a convolution', [conv, { kind: 'flatten' }], [2, 3, 1], 'classification'],
    [
      'a convolution in one dimension',
      [{ kind: 'conv1d', settings: { filters: 2, kernelSize: 2, activation: 'tanh' } }, { kind: 'flatten' }],
      [3, 1],
      'regression',
    ],
  ] as const)('of %s is the generalised Gauss–Newton matrix, and its diagonal', (_name, layers, input, task) => {
    const net = network([...layers], [...input], 4, task);
    const hessian = gaussNewton(net);
    const full = fit(net.target, { structure: 'full', precision: 'given', precisionFactor: 3 }, net.weights, net.data);
    expect(mismatch(hessian, net, full, 3, every(net))).toBeLessThan(2e-5);
    const diagonal = fit(net.target, { structure: 'diagonal' }, net.weights, net.data);
    hessian.forEach((row, i) => expect(diagonal.covariance[i]![i]! * (row[i]! + net.prior[i]!)).toBeCloseTo(1, 5));
  });

  it.each(['kfac', 'kfra'] as const)('of one row is exact in each layer as %s, and for ReLU it is the Hessian', (structure) => {
    const net = network([dense(4, 'relu'), dense(3, 'relu')], [3], 1, 'classification');
    const blocks = byLayer(net);
    const approximation = fit(net.target, { structure, precision: 'given', precisionFactor: 0.2 }, net.weights, net.data);
    expect(mismatch(gaussNewton(net), net, approximation, 0.2, blocks)).toBeLessThan(2e-5);
    expect(mismatch(hessianOf(net, blocks), net, approximation, 0.2, blocks)).toBeLessThan(2e-4);
  });

  it('of a layer alone leaves the others at the mode', () => {
    const net = network([dense(4, 'tanh')], [3], 5, 'classification');
    const last = fit(net.target, { structure: 'full', layers: 'last' }, net.weights, net.data);
    const [hidden, output] = byLayer(net) as [number[], number[]];
    expect(hidden.every((i) => last.covariance[i]![i] === 0)).toBe(true);
    expect(mismatch(gaussNewton(net), net, last, 1, [output])).toBeLessThan(2e-5);
  });

  it('is overstated by factored damping, which shrinks every variance', () => {
    const net = network([dense(4, 'tanh')], [3], 5, 'classification');
    const [exact, factored] = (['eigenbasis', 'factored'] as const).map((damping) => fit(net.target, { structure: 'kfac', damping }, net.weights, net.data));
    exact!.covariance.forEach((row, i) => expect(factored!.covariance[i]![i]!).toBeLessThan(row[i]!));
    expect(factored!.logEvidence(1)).toBeLessThan(exact!.logEvidence(1));
  });
});

/** Second differences of −log p within each block. */
function hessianOf({ target, at, specs, mode, x, fed, none, data, total }: Network, blocks: readonly (readonly number[])[]): number[][] {
  const y = { dtype: data.y.dtype, shape: data.y.shape };
  const { info } = trace(
    (_state, { x: input, y: label, ...params }) => ({ info: { value: sum(target.perRowLogLikelihood(params, { x: input!, y: label! }, none)) } }),
    { state: {}, batch: { ...specs, x, y } },
  );
  const value = (w: Float64Array) => -evaluate([info['value']!], { ...fed, ...at(w) })[0]![0]!;
  const h = 1e-4;
  const hessian = Array.from({ length: total }, () => Array<number>(total).fill(0));
  const moved = (i: number, di: number, j: number, dj: number) => {
    const w = mode.slice();
    w[i]! += di;
    w[j]! += dj;
    return value(w);
  };
  for (const block of blocks)
    for (const i of block)
      for (const j of block) hessian[i]![j] = (moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) / (4 * h * h);
  return hessian;
}

/** Jacobian of the network's outputs by all weights at the mode, [weights][rows × outputs], by central differences. */
function jacobianOf({ target, at, specs, mode, x, fed, none, total }: Network): { readonly outputs: Float64Array; readonly jacobian: Float64Array[] } {
  const { info } = trace((_state, batch) => ({ info: { outputs: target.forward(batch, batch['x']!, none) } }), { state: {}, batch: { ...specs, x } });
  const outputs = (w: ArrayLike<number>) => evaluate([info['outputs']!], { ...fed, ...at(w) })[0]!;
  const h = 1e-5;
  const jacobian = Array.from({ length: total }, (_, p) => {
    const [up, down] = [outputs(mode.with(p, mode[p]! + h)), outputs(mode.with(p, mode[p]! - h))];
    return up.map((value, i) => (value - down[i]!) / (2 * h));
  });
  return { outputs: outputs(mode), jacobian };
}

it('lifts a curvature that is not positive definite, and notes by how much', () => {
  const noted: string[] = [];
  const report = { progress: () => undefined, note: (message: string) => void noted.push(message) };
  expect([...positiveEigen(Float64Array.of(2, 0, 0, -0.5), 2, 'dense1.kernel', report).values].sort()).toEqual([0, 2]);
  expect(noted).toEqual([expect.stringContaining('dense1.kernel was not positive definite: eigenvalues down to -5.00e-1')]);
  positiveEigen(Float64Array.of(2, 0, 0, -1e-7), 2, 'rounding', report);
  expect(noted).toHaveLength(1);
});

describe('the linearised prediction', () => {
  const net = network([conv, { kind: 'flatten' }, dense(3, 'tanh')], [2, 2, 1], 2, 'classification');
  const { outputs, jacobian } = jacobianOf(net);
  const fitted = (settings: object) => fit(net.target, { precision: 'given', precisionFactor: 2, ...settings }, net.weights, net.data);
  /** Jᵀ Σ J, [rows × outputs] squared. */
  const covarianceOf = ({ covariance }: Fit) => {
    const along = jacobian.map((_, i) => outputs.map((_, k) => covariance[i]!.reduce((sum, c, j) => sum + c * jacobian[j]![k]!, 0)));
    return Array.from(outputs, (_, a) => Array.from(outputs, (_, b) => jacobian.reduce((sum, row, i) => sum + row[a]! * along[i]![b]!, 0)));
  };

  it.each(['diagonal', 'kfac', 'full'] as const)('spreads the outputs by Jᵀ Σ J under %s, and draws together as apart', (structure) => {
    const approximation = fitted({ structure });
    const { noises, outputs: predicted } = approximation;
    const count = outputs.length;
    predicted(() => 0)[0].forEach((value, i) => expect(value).toBeCloseTo(outputs[i % count]!, 6));
    const columns = noises
      .slice(0, noises.length / 2)
      .flatMap((size, n) => Array.from({ length: size }, (_, k) => predicted((input, i) => Number(input === n && i === k))[0].slice(0, count)));
    const expected = covarianceOf(approximation);
    expected.forEach((row, a) =>
      row.forEach((value, b) => {
        const found = columns.reduce((sum, column) => sum + (column[a]! - outputs[a]!) * (column[b]! - outputs[b]!), 0);
        expect(Math.abs(found - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      }),
    );
    const [together, apart] = predicted((input, i) => Math.sin(1 + 3 * input + 1.7 * i));
    together.forEach((value, i) => expect(value).toBeCloseTo(apart[i]!, 9));
    expect([...together.slice(0, count)]).not.toEqual([...together.slice(count)]);
  });

  it.each(['diagonal', 'kfac', 'full'] as const)('has the probit’s variance in closed form under %s', (structure) => {
    const approximation = fitted({ structure });
    const expected = covarianceOf(approximation);
    const logits = fitted({ structure, prediction: 'probit' })
      .outputs(() => 0)[1]
      .slice(0, outputs.length);
    logits.forEach((value, i) => expect(value).toBeCloseTo(outputs[i]! / Math.sqrt(1 + (Math.PI / 8) * expected[i]![i]!), 5));
  });
});

describe('what cannot be approximated', () => {
  const problems = (settings: object, net: Network) => laplace.problems!(net.target, laplace.settings.parse(settings));
  const net = network([dense(40, 'relu'), dense(40, 'relu')], [30], 1, 'classification');

  it('is a network too large for the full matrix, or not made for KFRA', () => {
    expect(problems({}, net)).toEqual([]);
    expect(problems({ structure: 'full' }, net)).toEqual([expect.stringContaining('at most 2,500')]);
    expect(problems({ structure: 'full', layers: 'last' }, net)).toEqual([]);
    expect(problems({ structure: 'kfra' }, network([conv, { kind: 'flatten' }], [2, 3, 1], 1, 'classification'))).toEqual([
      expect.stringContaining('conv2d1.kernel'),
    ]);
  });

  it('is a probit of a regression', () => {
    expect(problems({ prediction: 'probit' }, net)).toEqual([]);
    expect(problems({ prediction: 'probit' }, network([dense(3, 'relu')], [2], 1, 'regression'))).toEqual([expect.stringContaining('choose linearised')]);
  });

  it('is a prior that is not Gaussian', () => {
    const target = { ...net.target, prior: { ...net.target.prior, 'dense1.bias': priors.laplace.build({ scale: 1 }) } };
    expect(laplace.problems!(target, laplace.settings.parse({}))).toEqual([expect.stringContaining('dense1.bias')]);
  });
});
