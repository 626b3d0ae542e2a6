/** @file What a likelihood is: from network outputs to p(y | x, w), and to what is predicted. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { ParameterSpec } from '../numerics/parameter';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';

export interface Task {
  readonly kind: 'classification' | 'regression';
  /** Classes, or target dimensions. */
  readonly outputs: number;
}

/**
 * The Fisher information Λ of one row's outputs, E_y [∇ log p(y) ∇ log p(y)ᵀ], in two factorised forms. Where the outputs are natural
 * parameters (logits, means) it is the Hessian of −log p as well.
 */
export interface OutputCurvature {
  /** Columns r_c of a square root, Λ = Σ_c r_c r_cᵀ, each for all rows: [rows, outputs]. */
  root(outputs: Tensor, params: Params): readonly Tensor[];
  /** −∇ log p(y) by the outputs at a y drawn from the model itself; its second moment is Λ. [rows, outputs] */
  sampledScore(outputs: Tensor, params: Params, key: Key): Tensor;
}

export interface Likelihood {
  readonly task: Task['kind'];
  /** Width of the network's output layer. */
  readonly outputs: number;
  /** Parameters of its own (a learnt noise level), never Bayesian. */
  readonly parameters: readonly ParameterSpec[];
  /** log p(yᵢ | outputsᵢ) per row in nats, constants included. Shapes: outputs [rows, outputs], y as in `Batch` → [rows]. */
  logDensity(outputs: Tensor, y: Tensor, params: Params): Tensor;
  /**
   * What one draw predicts. Classification: `probabilities` [rows, classes]. Regression: `mean` and `sd` [rows, targets].
   */
  predict(outputs: Tensor, params: Params): { readonly [name: string]: Tensor };
  /** Of a regression whose noise is Student's t: its degrees of freedom. Gaussian where absent. */
  readonly degrees?: number;
  /** What Laplace approximations need; absent where there is no Fisher information in closed form. */
  readonly curvature?: OutputCurvature;
}

export interface LikelihoodKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly task: Task['kind'];
  readonly settings: Settings;
  /** For an objective that no posterior can be made of: what to choose instead under methods that approximate one. */
  readonly trainingOnly?: string;
  /** Why it does not suit data of the right kind, with what to choose instead. */
  problem?(task: Task): string | undefined;
  build(settings: z.output<Settings>, task: Task): Likelihood;
}

export const defineLikelihood = <Settings extends z.ZodObject>(kind: LikelihoodKind<Settings>): LikelihoodKind<Settings> => kind;
