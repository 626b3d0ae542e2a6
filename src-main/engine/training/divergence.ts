/** @file Trainings that run away: numbers that are not finite, or a chain's energy that no posterior has, are found, named, and never written to a checkpoint. */
import { WorkbenchError } from '../../contract/errors';
import type { HostTensors } from '../numerics/host-tensor';

export interface Place {
  /** Steps done, this one included. */
  readonly step: number;
  readonly epoch: number;
  readonly hyper: { readonly [name: string]: number };
  /** Steps after which a chain was last where its posterior can be: later draws of one that diverged are worth nothing. Absent where nobody looks. */
  readonly sound?: number | undefined;
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

/** In units of what a posterior allows. A chain that is only hot stays below, and is warned of. */
const farAway = 1e4;
/** Steps far away in a row: a batch of a few strange rows is one. */
const patience = 20;

/**
 * Follows a sampler's potential energy U. Over d coordinates at temperature T a posterior keeps about ½ d T nats above its mode, and every start
 * lies above the mode: a chain whose U has risen by many times |U₀| + d has left it, though all its numbers may stay finite for ever (a network
 * whose units have died has no gradient that could bring them back).
 */
export class EnergyWatch {
  #first: number | undefined;
  #away = 0;
  #sound: number | undefined;

  /** @param coordinates of one chain, for each training row */
  constructor(readonly coordinates: number) {}

  /** As in `Place`. */
  get sound(): number | undefined {
    return this.#sound;
  }

  /** `potential`: nats per row, of the state before this step. @throws WorkbenchError `diverged` */
  judge(potential: number, place: Place): void {
    this.#first ??= potential;
    const rise = (potential - this.#first) / (Math.abs(this.#first) + this.coordinates);
    if (rise <= 1) this.#sound = place.step - 1;
    this.#away = rise > farAway ? this.#away + 1 : 0;
    if (this.#away < patience) return;
    throw diverged(`the potential energy rose from ${say(this.#first)} to ${say(potential)} nats per row`, place, { potential: say(potential) });
  }
}

function diverged(what: string, { step, epoch, hyper, sound }: Place, details: Record<string, string>): WorkbenchError {
  const settings = Object.entries(hyper).map(([name, value]) => `${name} ${say(value)}`);
  const now = settings.length > 0 ? ` (now ${settings.join(', ')})` : '';
  const { stepSize } = hyper;
  // Stability of a sampler ends at a step size: a third of it has left that edge well behind.
  const advice =
    stepSize === undefined
      ? `Use a smaller learning rate${now} or a smaller initial spread; the last checkpoint before it is kept.`
      : `Use a smaller step size, such as ${say(stepSize / 3)}${now}; the last checkpoint before it is kept, and the good draws.`;
  return new WorkbenchError('diverged', `Training diverged at step ${step} in epoch ${epoch + 1}: ${what}. ${advice}`, {
    details: { step, epoch, ...(sound !== undefined && { sound }), ...details },
  });
}

const say = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞');
