/** @file What a prior over one parameter tensor is. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Params } from '../numerics/tree';

/** A prior over the entries of a tensor. All in nats. */
export interface Prior {
  /** Σ log p(wᵢ), normalising constants included. */
  logDensity(w: Tensor): Scalar;
  /** KL(N(mean, sd²) ‖ p), summed, where it has a closed form. */
  klFromGaussian?(mean: Tensor, sd: Tensor): Scalar;
  /** log p(w) of one value in plain numbers, so that the UI can draw it and tests can integrate it. */
  density(w: number): number;
  /** 1/sd² where it is N(0, sd²) of each entry. */
  readonly precision?: number;
  /** True when it does not integrate to 1, so that no KL to it exists. */
  readonly improper?: true;
  /** True when the entries depend on each other: the density is of one network's tensor, never of several members' at once. */
  readonly joint?: true;
  /** Where the weights are made of several leaves: `logDensity` and `klFromGaussian` are then of the standardised weights, `density` of the weights. */
  readonly hierarchy?: Hierarchy;
}

/** A weight that is a standardised weight times scales with priors of their own (non-centred), as samplers and factorised posteriors need it. */
export interface Hierarchy {
  /** The scales by name: one for each entry, or one for the whole tensor. */
  readonly scales: { readonly [name: string]: { readonly of: 'entry' | 'tensor'; readonly prior: Prior; readonly start: number } };
  /** The weights. Shapes: all broadcast to those of `standardised`. */
  weights(standardised: Tensor, scales: Params): Tensor;
}

export interface PriorKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly settings: Settings;
  /** What to choose instead under methods that look for the most probable weights, where those of this prior mean nothing. */
  readonly withoutMode?: string;
  build(settings: z.output<Settings>): Prior;
}

/** Keeps the settings' type while declaring a registry entry. */
export const definePrior = <Settings extends z.ZodObject>(kind: PriorKind<Settings>): PriorKind<Settings> => kind;
