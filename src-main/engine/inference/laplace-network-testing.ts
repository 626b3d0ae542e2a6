/** @file Small networks at the weights of a wave, and their curvature by brute force in float64. */
import { stack, sum } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { Architecture } from '../../contract/spec';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { buildModel } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';
import { likelihoods } from '../probability/likelihoods';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import type { Fit, Rows } from './laplace-testing';

const wave = (length: number, phase: number) => Float64Array.from({ length }, (_, i) => Math.sin(phase + 1.7 * i));

/** A network, its data and the weights of a wave. The bias has another prior than the kernel. */
export function network(layers: object[], inputShape: number[], rows: number, task: 'classification' | 'regression') {
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
export type Network = ReturnType<typeof network>;

/** Σ_rows Jᵀ Λ J with J by central differences and Λ from its root, [P][P]. */
export function gaussNewton({ target, at, specs, mode, x, fed, none, total }: Network): number[][] {
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
export function mismatch(hessian: number[][], { prior }: Network, { covariance }: Fit, precision: number, blocks: readonly (readonly number[])[]): number {
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

export const every = ({ total }: Network) => [Array.from({ length: total }, (_, i) => i)];
/** Kernel and bias of each layer. */
export const byLayer = (net: Network): number[][] => {
  const layers: number[][] = [];
  let first = 0;
  for (const { layer, shape } of net.target.parameters) for (let i = 0; i < sizeOf(shape); i++) (layers[layer] ??= []).push(first++);
  return layers.filter((block) => block.length > 0);
};

/** Second differences of −log p within each block. */
export function hessianOf({ target, at, specs, mode, x, fed, none, data, total }: Network, blocks: readonly (readonly number[])[]): number[][] {
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
export function jacobianOf({ target, at, specs, mode, x, fed, none, total }: Network): { readonly outputs: Float64Array; readonly jacobian: Float64Array[] } {
  const { info } = trace((_state, batch) => ({ info: { outputs: target.forward(batch, batch['x']!, none) } }), { state: {}, batch: { ...specs, x } });
  const outputs = (w: ArrayLike<number>) => evaluate([info['outputs']!], { ...fed, ...at(w) })[0]!;
  const h = 1e-5;
  const jacobian = Array.from({ length: total }, (_, p) => {
    const [up, down] = [outputs(mode.with(p, mode[p]! + h)), outputs(mode.with(p, mode[p]! - h))];
    return up.map((value, i) => (value - down[i]!) / (2 * h));
  });
  return { outputs: outputs(mode), jacobian };
}
