/** @file One step of an algorithm in float64, by the interpreter of the traced graph. */
import '../backends'; // registers the gradients of TF.js
import { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { sizeOf, type TensorSpecs } from '../numerics/host-tensor';
import type { Step } from '../numerics/step';
import { flattenTree } from '../numerics/tree';
import type { Algorithm, Time } from './method';

/** All rows of the conjugate model of `testing`, whose U = ½ (w − m)ᵀ P (w − m) + constant, P = I + 25 XᵀX. */
export const conjugateRows = { x: [1, 0, 1, 1, 1, 2, 1, 3], y: [0.1, 0.9, 2.1, 2.9] };
export const conjugateSpecs: TensorSpecs = { x: { dtype: 'float32', shape: [4, 2] }, y: { dtype: 'float32', shape: [4, 1] } };

type Values = { readonly [name: string]: readonly number[] };
export interface ExactStep {
  /** Leaves by path after the step, the unchanged ones included. */
  readonly state: Values;
  readonly info: { readonly [name: string]: number };
}

export const time = (step: number, changes: Partial<Time> = {}): Time => ({ step, epoch: step, stepInEpoch: 0, stepsPerEpoch: 1, epochs: 100, ...changes });

/**
 * The step that the schedule names at this time. `normals` fill the draws of normal noise one after the other, in the order of their making;
 * `uniforms` all others.
 */
export function exactStep(algorithm: Algorithm, batch: TensorSpecs, at = time(0)) {
  const { step: name, hyper } = algorithm.schedule(at);
  const init: Step = (_state, _batch, key) => ({ info: Object.fromEntries(flattenTree<Tensor>(algorithm.init(key), (leaf) => leaf instanceof Tensor)) });
  const shapes = trace(init, { state: {} }).info;
  const specs: TensorSpecs = Object.fromEntries(Object.entries(shapes).map(([path, { shape }]) => [path, { dtype: 'float32', shape }]));
  const traced = trace(algorithm.steps[name]!, { state: specs, batch, hyper: Object.keys(hyper) });
  const outputs = [...Object.values(traced.state), ...Object.values(traced.info)];
  const prefixed = (prefix: string, values: Values) => Object.entries(values).map(([key, value]) => [`${prefix}:${key}`, value]);
  return (state: Values, rows: Values, normals: readonly number[], uniforms: readonly number[] = [0.5]): ExactStep => {
    const drawn = { normal: 0, uniform: 0 };
    const next = (kind: keyof typeof drawn, values: readonly number[]) => values[drawn[kind]++ % values.length]!;
    const noise = traced.noise.map(({ name: input, kind, shape }) => [
      input,
      Array.from({ length: sizeOf(shape) }, () => next(kind, kind === 'uniform' ? uniforms : normals)),
    ]);
    const scalars = Object.entries(hyper).map(([key, value]) => [`hyper:${key}`, [value]]);
    const values = evaluate(outputs, Object.fromEntries([...prefixed('state', state), ...prefixed('batch', rows), ...scalars, ...noise]));
    const changed = Object.keys(traced.state).map((path, i) => [path, [...values[i]!]]);
    const info = Object.keys(traced.info).map((id, i) => [id, values[changed.length + i]![0]!]);
    return { state: { ...state, ...Object.fromEntries(changed) }, info: Object.fromEntries(info) };
  };
}

/** Settings and constants are single precision in a graph. */
export const closeTo = (actual: readonly number[], expected: readonly number[], tolerance = 2e-7): void =>
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value), `[${i}]: ${actual[i]} and ${value}`).toBeLessThan(tolerance * (1 + Math.abs(value))));
