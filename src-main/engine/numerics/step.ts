/** @file The one form of every computation that runs on a device: a pure function of state, batch, noise and scalars. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Key } from './random';
import type { Tree } from './tree';

export type State = Tree<Tensor>;

/** Tensors of one minibatch by name: `x` [rows, …input shape] float32 and `y` ([rows] int32 classes, or [rows, outputs] float32); a study may add others. */
export type Batch = { readonly [name: string]: Tensor };

/** Scalars that a schedule may change from step to step. */
export type Hyper = { readonly [name: string]: Scalar };

/**
 * No hidden state, no variables, no reads of values, no clock. A step that only computes outputs (a prediction) returns no state.
 * `info` holds named tensors that come back to the host: scalars of metrics, or predictions.
 */
export type Step<S extends State = State> = {
  // Declared as a method, hence bivariant in S: whoever only keeps or runs steps (registries, devices) need not know the tree's keys.
  step(state: S, batch: Batch, key: Key, hyper: Hyper): { readonly state?: S; readonly info: { readonly [name: string]: Tensor } };
}['step'];
