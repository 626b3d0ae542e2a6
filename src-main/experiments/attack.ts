/** @file Changes of the input that raise the loss the most. */
import type { AttackedLoss, Posterior, PredictiveOptions } from '../engine/training/posterior';

export interface Attack {
  readonly loss: AttackedLoss;
  readonly draws: number;
  readonly seed: number;
  /** Values that an input may take; null = any. */
  readonly range: readonly [number, number] | null;
}

type Watch = Pick<PredictiveOptions, 'signal' | 'report'>;

const clamped = (value: number, range: Attack['range']) => (range ? Math.min(range[1], Math.max(range[0], value)) : value);

/** x + ε sign(gradient): one step of the fast gradient sign method. @see Goodfellow, Shlens & Szegedy (2015), sec. 4. */
export const signStep = (x: Float32Array, gradient: Float32Array, epsilon: number, range: Attack['range']): Float32Array =>
  x.map((value, i) => clamped(value + epsilon * Math.sign(gradient[i]!), range));

/**
 * Projected gradient ascent in the box of half-width ε about x: steps of 2.5 ε / `steps`, each with fresh draws.
 *
 * @see Madry et al. (2018), Towards Deep Learning Models Resistant to Adversarial Attacks, sec. 2.1 and app. B.
 */
export async function projectedAscent(
  posterior: Pick<Posterior, 'inputGradient'>,
  x: Float32Array,
  y: Int32Array,
  { steps, epsilon, ...attack }: Attack & { readonly steps: number; readonly epsilon: number },
  { signal, report }: Watch,
): Promise<Float32Array> {
  let at = x;
  for (let step = 0; step < steps; step++) {
    const gradient = await posterior.inputGradient(at, y, {
      ...attack,
      seed: attack.seed + step,
      ...(signal && { signal }),
      report: (fraction) => report?.((step + fraction) / steps),
    });
    at = signStep(at, gradient, (2.5 * epsilon) / steps, null).map((value, i) =>
      clamped(Math.min(x[i]! + epsilon, Math.max(x[i]! - epsilon, value)), attack.range),
    );
  }
  return at;
}
