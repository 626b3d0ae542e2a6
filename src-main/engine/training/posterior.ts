/** @file The predictive of a trained model: what experiments and the live validation curve ask. */

/** All that a prediction has summed up after its first `done` draws. */
export interface Sums {
  readonly done: number;
  readonly arrays: readonly (Float64Array | Float32Array | Uint16Array)[];
}

export interface PredictiveOptions {
  readonly draws: number;
  /** Fixes the draws; independent of the training noise. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** fraction in [0, 1] */
  readonly report?: (fraction: number) => void;
  /** Of a prediction with the same arguments that did not come to its end: this one goes on from there, to the same bits. */
  readonly from?: Sums;
  /** Hears every few seconds what could be gone on from; valid until it returns. */
  readonly keep?: (sums: Sums) => void;
}

/** Means over the rows. */
export interface MeanUncertainty {
  readonly total: number;
  readonly aleatoric: number;
  readonly epistemic: number;
}

/** Hears what the first draws of a prediction give: at the first, and then about once a second. The end is told by the result. */
export type Watch<Predictive> = (predictive: Predictive) => void;

/** Shapes: [rows × classes] row-major, or [rows]. Entropies in nats. */
export interface ClassPredictive {
  readonly rows: number;
  readonly classes: number;
  readonly draws: number;
  /** mean_s p_s(class | x) */
  readonly probabilities: Float64Array;
  /** Draws whose arg-max is the class. */
  readonly votes: Uint16Array;
  /** H[mean p], mean H[p], and their difference (mutual information). */
  readonly total: Float64Array;
  readonly aleatoric: Float64Array;
  readonly epistemic: Float64Array;
  /** Over the draws, of the means of these over the rows; absent for a single draw. */
  readonly standardError?: MeanUncertainty;
}

/** In the units the model was trained in (standardised targets). [rows]; draws kept as [draws × rows] for mixture densities. */
export interface RegressionPredictive {
  readonly rows: number;
  readonly draws: number;
  readonly mean: Float64Array;
  /** Standard deviations: aleatoric = √E σ², epistemic = √Var μ, total = √(sum of squares). */
  readonly total: Float64Array;
  readonly aleatoric: Float64Array;
  readonly epistemic: Float64Array;
  readonly drawMeans: Float32Array;
  readonly drawSds: Float32Array;
  /** Of each draw's noise, if it is Student's t; else it is Gaussian. */
  readonly degrees?: number;
  /** Over the draws, of the means over the rows of total, aleatoric and epistemic; absent for a single draw. */
  readonly standardError?: MeanUncertainty;
}

/** −log of the mean of the draws' probabilities, or the mean of their −log. */
export type AttackedLoss = 'mean-predictive' | 'mean-loss';

export interface Posterior {
  /** How many draws an average of `requested` takes: 1 for a point estimate, at most the members of an ensemble or the draws that were kept. */
  count(requested: number): number;
  /** x: [rows × features], standardised as in training. @throws WorkbenchError `cancelled` */
  classify(x: Float32Array, rows: number, options: PredictiveOptions, watch?: Watch<ClassPredictive>): Promise<ClassPredictive>;
  regress(x: Float32Array, rows: number, options: PredictiveOptions, watch?: Watch<RegressionPredictive>): Promise<RegressionPredictive>;
  /** Gradient of each row's loss at class `y` by its own features, [rows × features]. @throws WorkbenchError `cancelled` */
  inputGradient(x: Float32Array, y: Int32Array, options: PredictiveOptions & { readonly loss: AttackedLoss }): Promise<Float32Array>;
  close(): Promise<void>;
}
