/** @file Numbers that are not finite: found, named, and never written to a checkpoint. */
import { WorkbenchError } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';

export interface Place {
  /** Steps done, this one included. */
  readonly step: number;
  readonly epoch: number;
  readonly hyper: { readonly [name: string]: number };
}

/** @throws WorkbenchError `diverged` that names the terms which are NaN or infinite. */
export function requireFiniteTerms(names: readonly string[], values: ArrayLike<number>, place: () => Place): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const terms = names.map((name, k) => `${name} = ${say(values[k]!)}`);
    throw diverged(`${terms.filter((_, k) => !Number.isFinite(values[k])).join(', ')}`, place(), { terms: terms.join(', ') });
  }
}

/** @throws WorkbenchError `diverged` that names the tensor of the state which is NaN or infinite. */
export function requireFiniteState(state: HostTensors, place: () => Place): void {
  for (const [path, { data, dtype }] of Object.entries(state)) {
    if (dtype === 'int32') continue;
    // A sum is finite unless an entry is not (or entries are near overflow, which is divergence too).
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]!;
    if (!Number.isFinite(sum)) throw diverged(`${path} holds ${say(sum)}`, place(), { tensor: path });
  }
}

function diverged(what: string, { step, epoch, hyper }: Place, details: Record<string, string>): WorkbenchError {
  const settings = Object.entries(hyper).map(([name, value]) => `${name} ${say(value)}`);
  const now = settings.length > 0 ? ` (now ${settings.join(', ')})` : '';
  const { stepSize } = hyper;
  // Stability of a sampler ends at a step size: a third of it has left that edge well behind.
  const advice =
    stepSize === undefined
      ? `Use a smaller learning rate${now} or a smaller initial spread; the last checkpoint before it is kept.`
      : `Use a smaller step size, such as ${say(stepSize / 3)}${now}; the last checkpoint before it is kept, and the draws up to it.`;
  return new WorkbenchError('diverged', `Training diverged at step ${step} in epoch ${epoch + 1}: ${what}. ${advice}`, {
    details: { step, epoch, ...details },
  });
}

const say = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞');
