/** @file What a likelihood is: from network outputs to p(y | x, w), and to what is predicted. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { ParameterSpec } from '../numerics/parameter';
import type { Params } from '../numerics/tree';

export interface Task {
  readonly kind: 'classification' | 'regression';
  /** Classes, or target dimensions. */
  readonly outputs: number;
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
}

export interface LikelihoodKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly task: Task['kind'];
  readonly settings: Settings;
  build(settings: z.output<Settings>, task: Task): Likelihood;
}

export const defineLikelihood = <Settings extends z.ZodObject>(kind: LikelihoodKind<Settings>): LikelihoodKind<Settings> => kind;
