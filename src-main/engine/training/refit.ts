/** @file A trained posterior whose prior precision is chosen anew, without training anew. */
import type { DeviceState } from '../backends/device';
import { float32, type HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';

/** Precisions are multiples of that of the prior trained with. */
export interface PriorPrecision {
  /** That of predictions: the one of the run's final state, unless another was chosen since. */
  readonly current: number;
  /** log p(D | precision), nats. */
  logEvidence(precision: number): number;
  /** From now on the posterior's draws are those under this precision. */
  use(precision: number): void;
}

/**
 * Of a finished state that lies on the device as it was stored; the chosen precision, if there is one, is put to use.
 * Undefined where the method has nothing to choose, or has not finished.
 */
export function priorPrecisionOf(
  { algorithm: { refit } }: Pick<BayesianModel, 'algorithm'>,
  device: DeviceState,
  stored: HostTensors,
  chosen?: number,
): PriorPrecision | undefined {
  const trained = refit && stored[refit.precision]?.data[0];
  if (!refit || !trained) return undefined;
  const use = (precision: number) => device.write({ [refit.precision]: float32([], Float32Array.of(precision)) });
  const current = chosen ?? trained;
  use(current);
  return { current, use, logEvidence: (precision) => refit.logEvidence(stored, precision) };
}
