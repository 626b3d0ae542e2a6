/** @file What an inference method is, and all it may know about the model. See docs/decisions/0001-what-a-method-is.md. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { HostTensors } from '../numerics/host-tensor';
import type { Interruptible } from '../numerics/interruptible';
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

/** What comes next. The same names of scalars for every time at which the same step is taken. */
export interface Move {
  readonly step: string;
  readonly hyper: { readonly [name: string]: number };
  /** After this step, `draw` is kept as one of the run's draws (samplers, snapshots). */
  readonly keep?: boolean;
}

/** A transition on the host between two steps, on leaves of the state that are small, such as a Gibbs update of precisions. */
export interface Between {
  /** Steps between two transitions. */
  readonly every: number;
  /** Flat paths of the leaves it reads, as in a checkpoint ('precision/dense1.kernel'). */
  readonly reads: readonly string[];
  /** The leaves that change, of the same shapes. `random(label)` gives uniform numbers in (0, 1) that (seed, step, label) alone decide. */
  run(leaves: HostTensors, random: (label: string) => () => number): HostTensors;
}

/**
 * Minibatches of each member's own, in its own order: `x` and `y` of a batch have a leading axis [members]. A bootstrap sample draws as many
 * rows as there are, with replacement; a sub-sample keeps each row with probability `rate`. Both give the batch a tensor `weight`
 * [members, rows]: how often a member counts a row.
 */
export type Resampling = { readonly kind: 'none' } | { readonly kind: 'bootstrap' } | { readonly kind: 'subsample'; readonly rate: number };

/** Whom a transition on the host tells what it does: `progress` while something takes seconds, `note` for the run's log. */
export interface Report {
  progress(message: string): void;
  note(message: string): void;
}

/** The precision of the prior, which a Laplace approximation adds to the curvature: it can be changed in a finished state without training anew. */
export interface Refit {
  /** Flat path of the scalar leaf that holds it, as a multiple of the prior's that was trained with. */
  readonly precision: string;
  /** log p(D | precision) of a finished state, nats. */
  logEvidence(state: HostTensors, precision: number): number;
}

/** What a factorised posterior says of one parameter, on the host. */
export interface WeightStatistics {
  readonly mean: ArrayLike<number>;
  readonly sd: ArrayLike<number>;
  /** Mean of its prior, where that is not 0 (MOPED). */
  readonly centre?: ArrayLike<number>;
  /** Signal-to-noise ratio of its gradient, ‖E g‖/‖sd g‖ over the last steps; null where the optimiser does not know, or how many steps it has taken. */
  readonly gradientSignal: number | null;
}

/** How a draw predicts, where that is not the network at the drawn weights. */
export interface DrawPredictive {
  /** What `draw` gives besides the target's parameters and statistics. */
  readonly leaves: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Outputs as of `Target.forward`. Shapes: [rows, outputs]; of several draws, each leaf with a leading axis of them, [draws, rows, outputs]. */
  forward(draw: Params, x: Tensor, key: Key): Tensor;
}

/** One traced algorithm with its host-side schedule. Branches on time choose between the named steps. */
export interface Algorithm<S extends State = State> {
  init(key: Key): S;
  /** Traced steps by name; most methods have one, `main`. */
  readonly steps: { readonly [name: string]: Step<S> };
  schedule(time: Time): Move;
  /**
   * One draw from the current approximate posterior; for a point estimate the estimate itself.
   * `index` (int32 scalar) counts the draws of one prediction from 0: a state of several members answers with the one it names.
   */
  draw(state: S, key: Key, index: Tensor): Params;
  /** Members that the state holds, each of them one draw; absent where `draw` is random or always the same. */
  readonly members?: number;
  /** Absent where all members see the same minibatches. */
  readonly resampling?: Resampling;
  /** Passes over the training rows after the last epoch, such as the sweep of a Laplace approximation; `Time.epoch` goes on counting. */
  readonly sweeps?: number;
  readonly between?: Between;
  /** The start from trained weights, by parameter name, instead of random ones: what `init` has made, changed on the host. */
  adopt?(state: HostTensors, weights: HostTensors): HostTensors;
  readonly predictive?: DrawPredictive;
  /** What the posterior of a finished state depends on besides training. */
  readonly refit?: Refit;
  /** Of each Bayesian parameter, where the posterior is factorised: what a diagnosis looks at. Mean and sd entry by entry, so that every n-th entry of a state gives every n-th of them. */
  inspect?(state: HostTensors, steps?: number): { readonly [parameter: string]: WeightStatistics };
  /** Once after the last step, in float64 on the host; the result, of the same paths and shapes, is the run's final state. Given up, it starts anew. */
  finish?(state: HostTensors, report: Report): Interruptible<HostTensors>;
}

/** sample: off, the layer's weights stand at their means. trainable: off, they stay where they start. initialSd, dropRate: its own instead of the method's. */
export type LayerSwitch = 'sample' | 'trainable' | 'initialSd' | 'dropRate';

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
  /** Predicted from the draws that its schedule kept, in turn, rather than from the last state. */
  readonly keepsDraws?: boolean;
  /** The prior chosen for the run plays no part. */
  readonly ownPrior?: true;
  /** 'all': each step sees the whole training part at once (HMC); refused where that does not fit. */
  readonly batches?: 'all';
  /** Switches of a layer that it obeys; a run that uses another one is refused. */
  readonly switches?: readonly LayerSwitch[];
  readonly metrics: readonly MethodMetric[];
  /** Priors or layers it cannot handle, each as one sentence with what can be used instead; empty = fine. */
  problems?(target: Target, settings: z.output<Settings>): readonly string[];
  build(target: Target, settings: z.output<Settings>): Algorithm<S>;
}

export const defineMethod = <Settings extends z.ZodObject, S extends State>(method: InferenceMethod<Settings, S>): InferenceMethod<Settings, S> => method;
