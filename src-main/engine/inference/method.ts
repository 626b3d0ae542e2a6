/** @file What an inference method is, and all it may know about the model. See docs/decisions/0001-what-a-method-is.md. */
import type { z } from 'zod';
import type { Key } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import type { Params } from '../numerics/tree';
import type { Target } from '../probability/target';

export type { Target };

/** Where training stands; `schedule` is a pure function of it. All counts start at 0. */
export interface Time {
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** A metric that a method's steps report in `info`. */
export interface MethodMetric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
}

/** One traced algorithm with its host-side schedule. Branches on time choose between the named steps. */
export interface Algorithm<S extends State = State> {
  init(key: Key): S;
  /** Traced steps by name; most methods have one, `main`. */
  readonly steps: { readonly [name: string]: Step<S> };
  /** Which step comes next, and its scalars. The same names of scalars for every time. */
  schedule(time: Time): { readonly step: string; readonly hyper: { readonly [name: string]: number } };
  /** One draw from the current approximate posterior; for a point estimate the estimate itself. */
  draw(state: S, key: Key): Params;
}

export interface InferenceMethod<Settings extends z.ZodObject = z.ZodObject, S extends State = State> {
  readonly id: string;
  readonly title: string;
  /** Author (year), title, equation or algorithm number. */
  readonly reference: string;
  readonly help: string;
  /** Source of the form, the stored spec and the validation: flat fields that JSON Schema can carry. */
  readonly settings: Settings;
  /** What the method converges to; the conformance suite tests the claim. */
  readonly converges: 'posterior' | 'mean-field' | 'mode' | 'heuristic';
  /** False when every draw is the same (point estimates): one draw is then enough. */
  readonly randomDraws: boolean;
  readonly metrics: readonly MethodMetric[];
  /** Priors or layers it cannot handle, each as one sentence with what can be used instead; empty = fine. */
  problems?(target: Target, settings: z.output<Settings>): readonly string[];
  build(target: Target, settings: z.output<Settings>): Algorithm<S>;
}

export const defineMethod = <Settings extends z.ZodObject, S extends State>(method: InferenceMethod<Settings, S>): InferenceMethod<Settings, S> => method;
