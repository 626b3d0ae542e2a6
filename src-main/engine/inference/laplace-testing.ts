/** @file What the tests of Laplace approximations share: a fit at given weights in float64, and its exact covariance. */
import '../backends'; // registers the gradients of TF.js
import { scalar, stack, Tensor } from '@tensorflow/tfjs-core';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { float32, sizeOf, type HostTensors, type TensorSpecs } from '../numerics/host-tensor';
import { atOnce } from '../numerics/interruptible';
import { fold, type Key } from '../numerics/random';
import type { Step } from '../numerics/step';
import { flattenTree, mapParams, type Params } from '../numerics/tree';
import { laplace } from './laplace';
import type { Target } from './method';

export interface Rows {
  readonly x: { readonly shape: readonly number[]; readonly values: ArrayLike<number> };
  readonly y: { readonly dtype: 'float32' | 'int32'; readonly shape: readonly number[]; readonly values: ArrayLike<number> };
}
export type Weights = { readonly [parameter: string]: ArrayLike<number> };

export interface Fit {
  readonly state: HostTensors;
  /** What `finish` noted. */
  readonly heard: readonly string[];
  logEvidence(precision: number): number;
  /** Sizes of the noise of two draws, first all of one, then of the other. */
  readonly noises: readonly number[];
  /** What the two predict from given noise, [2 × rows × outputs]: computed together, and apart. */
  outputs(noise: (input: number, i: number) => number): readonly [Float64Array, Float64Array];
  /** Of all parameters, in the target's order, [P][P]. */
  readonly covariance: number[][];
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const prefixed = (prefix: string, tensors: { readonly [name: string]: ArrayLike<number> }) =>
  Object.fromEntries(Object.entries(tensors).map(([name, values]) => [`${prefix}:${name}`, values]));

/** One sweep over the rows at these weights, and what follows. `noise` fills the step's random numbers. */
export function fit(
  target: Target,
  settings: object,
  weights: Weights,
  { x, y }: Rows,
  noise: (shape: readonly number[]) => ArrayLike<number> = () => [],
): Fit {
  const algorithm = laplace.build(target, laplace.settings.parse({ optimiser: 'sgd', ...settings }));
  const start: Step = (_state, _batch, key) => ({ info: Object.fromEntries(flattenTree(algorithm.init(key), isTensor)) });
  const specs: TensorSpecs = Object.fromEntries(
    Object.entries(trace(start, { state: {} }).info).map(([path, { shape }]) => [path, { dtype: 'float32', shape }]),
  );
  const before = Object.fromEntries(
    Object.entries(specs).map(([path, { shape }]) => [path, weights[path.replace('params/', '')] ?? new Float64Array(sizeOf(shape))]),
  );
  const sweep = trace(algorithm.steps['sweep']!, { state: specs, batch: { x: { dtype: 'float32', shape: x.shape }, y } });
  const fed = {
    ...prefixed('state', before),
    'batch:x': x.values,
    'batch:y': y.values,
    ...Object.fromEntries(sweep.noise.map(({ name, shape }) => [name, noise(shape)])),
  };
  const swept = Object.fromEntries(Object.entries(sweep.state).map(([path, node]) => [path, evaluate([node], fed)[0]!]));
  const heard: string[] = [];
  const host: HostTensors = Object.fromEntries(
    Object.entries(specs).map(([path, { shape }]) => [path, float32(shape, Float32Array.from(swept[path] ?? before[path]!))]),
  );
  const state = atOnce(algorithm.finish!(host, { progress: () => undefined, note: (message) => void heard.push(message) }));

  const draw = trace((leaves, _batch, key) => ({ info: { ...algorithm.draw(leaves as never, key, scalar(0, 'int32')) } }), { state: specs });
  const nodes = target.parameters.map(({ name }) => draw.info[name]!);
  const leaves = prefixed('state', Object.fromEntries(Object.entries(state).map(([path, { data }]) => [path, data])));
  const drawn = (values: (input: string, i: number) => number) =>
    evaluate(nodes, {
      ...leaves,
      ...Object.fromEntries(draw.noise.map(({ name, shape }) => [name, Float64Array.from({ length: sizeOf(shape) }, (_, i) => values(name, i))])),
    }).flatMap((part) => [...part]);
  const forward = algorithm.predictive?.forward ?? ((params: Params, input: Tensor, key: Key) => target.forward(params, input, key));
  const predict = trace(
    (state, batch, key) => {
      const [one, other] = ['one', 'other'].map((label) => algorithm.draw(state as never, fold(key, label), scalar(0, 'int32')));
      const apart = [one!, other!].map((draw) => forward(draw, batch['x']!, key));
      // One prediction in closed form is never asked for several draws.
      const together =
        algorithm.members === 1
          ? stack(apart)
          : forward(
              mapParams((_name, a, b) => stack([a, b!]), one!, other!),
              batch['x']!,
              key,
            );
      return { info: { together, apart: stack(apart) } };
    },
    { state: specs, batch: { x: { dtype: 'float32', shape: x.shape } } },
  );
  const outputs = (value: (input: number, i: number) => number) =>
    evaluate([predict.info['together']!, predict.info['apart']!], {
      ...leaves,
      'batch:x': x.values,
      ...Object.fromEntries(predict.noise.map(({ name, shape }, n) => [name, Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(n, i))])),
    }) as [Float64Array, Float64Array];
  // A draw is linear in its noise, so draws from unit vectors are the columns of a square root of the covariance.
  const mode = drawn(() => 0);
  const columns = draw.noise.flatMap(({ name, shape }) =>
    Array.from({ length: sizeOf(shape) }, (_, k) => drawn((input, i) => Number(input === name && i === k)).map((value, j) => value - mode[j]!)),
  );
  const covariance = mode.map((_, i) => mode.map((_, j) => columns.reduce((total, column) => total + column[i]! * column[j]!, 0)));
  return {
    state,
    heard,
    covariance,
    outputs,
    noises: predict.noise.map(({ shape }) => sizeOf(shape)),
    logEvidence: (precision) => algorithm.refit!.logEvidence(state, precision),
  };
}
