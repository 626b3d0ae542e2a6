/** @file A trained posterior whose prior precision is chosen anew, without training anew. */
import type { DeviceState } from '../backends/device';
import { float32, type HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';

/** Precisions are multiples of that of the prior trained with. */
export interface PriorPrecision {
  /** In the run's own final state. */
  readonly trained: number;
  /** log p(D | precision), nats. */
  logEvidence(precision: number): number;
  /** From now on the posterior's draws are those under this precision. */
  use(precision: number): void;
}

/** Of a finished state that lies on the device as it was stored; undefined where the method has nothing to choose, or has not finished. */
export function priorPrecisionOf(
  { algorithm: { refit } }: Pick<BayesianModel, 'algorithm'>,
  device: DeviceState,
  stored: HostTensors,
): PriorPrecision | undefined {
  const trained = refit && stored[refit.precision]?.data[0];
  if (!refit || !trained) return undefined;
  return {
    trained,
    logEvidence: (precision) => refit.logEvidence(stored, precision),
    use: (precision) => device.write({ [refit.precision]: float32([], Float32Array.of(precision)) }),
  };
}
