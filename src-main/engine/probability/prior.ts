/** @file What a prior over one parameter tensor is. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';

/** An independent prior over the entries of a tensor. All in nats. */
export interface Prior {
  /** Σ log p(wᵢ), normalising constants included. */
  logDensity(w: Tensor): Scalar;
  /** KL(N(mean, sd²) ‖ p), summed, where it has a closed form. */
  klFromGaussian?(mean: Tensor, sd: Tensor): Scalar;
  /** log p(w) of one value in plain numbers, so that the UI can draw it and tests can integrate it. */
  density(w: number): number;
  /** True when it does not integrate to 1, so that no KL to it exists. */
  readonly improper?: true;
}

export interface PriorKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly settings: Settings;
  build(settings: z.output<Settings>): Prior;
}

/** Keeps the settings' type while declaring a registry entry. */
export const definePrior = <Settings extends z.ZodObject>(kind: PriorKind<Settings>): PriorKind<Settings> => kind;
