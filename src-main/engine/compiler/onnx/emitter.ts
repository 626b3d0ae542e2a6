/** @file What the rules of lowering share. */
import type { Node, OpName, Shape } from '../graph';
import type { Initializer, Operation } from './model';

/** The part of ONNX Runtime that will run a model, or 'any' program that knows ONNX. */
export type Provider = 'cpu' | 'webgpu' | 'any';

/** Collects operations; every method returns the name of a value. */
export interface Emitter {
  readonly name: (node: Node) => string;
  /** How many operations and outputs read the node. */
  uses(node: Node): number;
  /** Equal operations are one. */
  emit(type: string, inputs: readonly string[], attributes?: Operation['attributes'], domain?: Operation['domain']): string;
  /** Another output, counted from 0, of the operation whose first output has this name. */
  output(first: string, index: number): string;
  constant(dtype: Initializer['dtype'], shape: Shape, values: readonly number[]): string;
  /** Values too many to be told from others by writing them out; the same array is one value. */
  weights(dtype: 'int8' | 'int32', shape: Shape, values: Int8Array | Int32Array): string;
  /** Lengths of axes as a value, [axes] of int64: constant, but for the rows of a model that takes any number of them. */
  lengths(shape: Shape): string;
}

/** Whole numbers as a value, [values] of int64. */
export const list = (to: Emitter, values: readonly number[]): string => to.constant('int64', [values.length], values);

export type Rule<Op extends OpName> = (node: Node<Op>, to: Emitter, inputs: readonly string[]) => string;
/** A rule that does not always apply. */
export type Attempt<Op extends OpName> = (...parameters: Parameters<Rule<Op>>) => string | undefined;
