/** @file What is known of a parameter tensor before it has a value. */

export interface ParameterSpec {
  /** 'dense1.kernel', 'likelihood.logNoise' */
  readonly name: string;
  readonly shape: readonly number[];
  /** gain: multiplies what a layer has normalised. scale: log scale of other parameters, of a hierarchical prior. */
  readonly role: 'kernel' | 'bias' | 'gain' | 'scale' | 'noise';
  readonly fanIn: number;
  readonly fanOut: number;
  /** First value of every entry, where it is not drawn at random. */
  readonly start?: number;
  /** Whether a Bayesian method puts a posterior over it; otherwise it is a point estimate under a flat prior. */
  readonly bayesian: boolean;
  /** False: the layer's weights stand at their means. */
  readonly sample?: boolean;
  /** False: it stays where it starts. */
  readonly trainable?: boolean;
  /** Where it starts, if not where the method says: see `inference/initialisation`. `value`: of uniform the range, of constant the value. */
  readonly initialisation?: { readonly scheme: 'fan-in' | 'he' | 'glorot' | 'uniform' | 'constant'; readonly value: number };
  /** Where its deviation starts in a factorised posterior, if not where the method says. */
  readonly initialSd?: number;
  /** Probability that MC dropout drops a value that meets it, if not the method's. */
  readonly dropRate?: number;
  /** How often a row meets it in its layer's affine map; absent where it is used in another way, which no `AffineRule` reaches. */
  readonly affine?: 'once' | 'repeatedly';
  /** Index in the architecture's layers; −1 for the likelihood's own. */
  readonly layer: number;
}
