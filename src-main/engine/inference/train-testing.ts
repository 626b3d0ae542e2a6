/** @file The simplest training loop, for the tests of methods: steps are traced once and evaluated in float64. */
import { Tensor, type Scalar } from '@tensorflow/tfjs-core';
import { evaluate } from '../compiler/evaluate';
import type { Node } from '../compiler/graph';
import { trace, type StepShapes } from '../compiler/trace';
import { float32, type TensorSpec } from '../numerics/host-tensor';
import { atOnce } from '../numerics/interruptible';
import type { NoiseSource } from '../numerics/random';
import type { Batch, State, Step } from '../numerics/step';
import { flattenTree } from '../numerics/tree';
import type { Algorithm } from './method';
import { read } from './testing';

/** A state on the host, as a runner keeps it between steps. */
export type HostState = readonly (readonly [path: string, leaf: { readonly shape: number[]; readonly values: number[] }])[];

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const toHost = (state: State): HostState =>
  flattenTree<Tensor>(state, isTensor).map(([path, leaf]) => [path, { shape: leaf.shape, values: [...leaf.dataSync()] }]);
export const specsOf = (state: HostState) => Object.fromEntries(state.map(([path, { shape }]) => [path, { dtype: 'float32' as const, shape }]));

type Inputs = { readonly [name: string]: ArrayLike<number> };

/** A step traced once and evaluated in float64 as often as asked: far quicker than eagerly, and the same (compiled.conformance). */
export function interpret<S extends State>(step: Step<S>, shapes: StepShapes) {
  const { state, info, noise } = trace(step, shapes);
  const outputs = [...Object.values(state), ...Object.values(info)];
  return (inputs: Inputs, source: NoiseSource) => {
    const drawn = read(() => noise.map(({ name, kind, address, shape }) => [name, source.draw(kind, address, shape).dataSync()] as const));
    const values = evaluate(outputs, { ...inputs, ...Object.fromEntries(drawn) }).map((value) => [...value]);
    const named = (names: { readonly [name: string]: Node }, first: number) =>
      Object.fromEntries(Object.keys(names).map((name, i) => [name, values[first + i]!]));
    return { state: named(state, 0), info: named(info, Object.keys(state).length) };
  };
}

const inputsOf = (prefix: string, values: readonly (readonly [name: string, value: ArrayLike<number>])[]): Inputs =>
  Object.fromEntries(values.map(([name, value]) => [`${prefix}:${name}`, value]));
export const stateInputs = (state: HostState): Inputs =>
  inputsOf(
    'state',
    state.map(([path, { values }]) => [path, values]),
  );

export interface Trained {
  readonly state: HostState;
  /** `info` of the last step. */
  readonly info: { readonly [name: string]: number };
}

/** A batch as what a step is traced and evaluated with. */
export const hostBatch = (batch: () => Batch) =>
  read(() => {
    const tensors = Object.entries(batch());
    return {
      specs: Object.fromEntries(tensors.map(([name, { dtype, shape }]) => [name, { dtype: dtype as TensorSpec['dtype'], shape }])),
      rows: inputsOf(
        'batch',
        tensors.map(([name, tensor]) => [name, tensor.dataSync()]),
      ),
    };
  });

/** Runs `steps` epochs of one full batch each, the sweeps after them and what finishes a run; all but the start in float64. */
export function train(algorithm: Algorithm, batch: () => Batch, steps: number, noise: (step: number) => NoiseSource): Trained {
  let state = read(() => toHost(algorithm.init({ source: noise(-1), address: 0 })));
  let info: Trained['info'] = {};
  const { specs, rows } = hostBatch(batch);
  const shapes = { state: specsOf(state), batch: specs };
  const programs = new Map<string, ReturnType<typeof interpret>>();
  for (let step = 0; step < steps + (algorithm.sweeps ?? 0); step++) {
    const { step: name, hyper } = algorithm.schedule({ step, epoch: step, stepInEpoch: 0, stepsPerEpoch: 1, epochs: steps });
    const scalars = Object.entries(hyper).map(([id, value]) => [id, [value]] as const);
    const program = programs.get(name) ?? interpret(algorithm.steps[name]!, { ...shapes, hyper: Object.keys(hyper) });
    programs.set(name, program);
    const next = program({ ...stateInputs(state), ...rows, ...inputsOf('hyper', scalars) }, noise(step));
    state = state.map(([path, leaf]) => [path, { ...leaf, values: next.state[path] ?? leaf.values }]);
    info = Object.fromEntries(Object.entries(next.info).map(([id, values]) => [id, values[0]!]));
  }
  if (!algorithm.finish) return { state, info };
  const host = state.map(([path, { shape, values }]) => [path, float32(shape, Float32Array.from(values))] as const);
  const finished = Object.entries(atOnce(algorithm.finish(Object.fromEntries(host), { progress: () => undefined, note: () => undefined })));
  return { state: finished.map(([path, { shape, data }]) => [path, { shape: [...shape], values: [...data] }] as const), info };
}

/** Values of so many draws, by parameter: draw s from noise(s), or member s. */
export function drawsOf(algorithm: Algorithm, state: HostState, count: number, noise: (s: number) => NoiseSource): { readonly [name: string]: number[] }[] {
  const draw: Step = (leaves, { index }, key) => ({ info: { ...algorithm.draw(leaves, key, index as Scalar) } });
  const program = interpret(draw, { state: specsOf(state), batch: { index: { dtype: 'int32', shape: [] } } });
  const inputs = stateInputs(state);
  return Array.from({ length: count }, (_, s) => {
    return program({ ...inputs, 'batch:index': [s % (algorithm.members ?? count)] }, noise(s)).info;
  });
}
