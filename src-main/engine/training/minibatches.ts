/** @file Minibatches of a part of the data: which rows a step sees follows from (seed, step) alone. */
import type { Resampling } from '../inference/method';
import { float32, int32, type HostTensor, type HostTensors } from '../numerics/host-tensor';
import { rowCounts } from './resample';
import { shuffleRows } from './shuffle';

/** A part in host memory: x [rows × features], y classes [rows] or targets [rows × targets]. */
export interface Rows {
  readonly rows: number;
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

/** Members with minibatches of their own. */
export interface MemberBatches {
  readonly members: number;
  readonly resampling: Resampling;
}

/** Fills the same arrays again and again, so that a step makes no garbage. */
export class Minibatches {
  readonly stepsPerEpoch: number;
  /** Of each member, or of the one order that all share. */
  readonly #orders: readonly Uint32Array[];
  readonly #counts: readonly (Uint8Array | undefined)[];
  readonly #full: HostTensors;
  readonly #last: HostTensors;
  #epoch = -1;

  /** `batchSize` 0 means all rows at once. `inputShape` is that of one row. With `own` the tensors have a leading axis of members. */
  constructor(
    readonly part: Rows,
    inputShape: readonly number[],
    readonly batchSize: number,
    readonly seed: number,
    own?: MemberBatches,
  ) {
    this.batchSize = batchSize === 0 ? part.rows : Math.min(batchSize, part.rows);
    this.stepsPerEpoch = Math.ceil(part.rows / this.batchSize);
    this.#orders = Array.from({ length: own?.members ?? 1 }, () => new Uint32Array(part.rows));
    this.#counts = this.#orders.map((_, member) => own && rowCounts(own.resampling, part.rows, seed, member));
    const tensors = (rows: number): HostTensors => {
      const leading = own ? [own.members, rows] : [rows];
      const targets = part.y.length / part.rows;
      return {
        x: float32([...leading, ...inputShape]),
        y: part.y instanceof Int32Array ? int32(leading) : float32([...leading, targets]),
        ...(this.#counts[0] && { weight: float32(leading) }),
      };
    };
    this.#full = tensors(this.batchSize);
    const remainder = part.rows % this.batchSize;
    this.#last = remainder === 0 ? this.#full : tensors(remainder);
  }

  /** The batch of a step, valid until the next call. The last batch of an epoch may have fewer rows. */
  at(step: number): HostTensors {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const place = step % this.stepsPerEpoch;
    if (epoch !== this.#epoch) {
      for (const [member, order] of this.#orders.entries()) shuffleRows(order, this.seed, epoch, member);
      this.#epoch = epoch;
    }
    const tensors = place === this.stepsPerEpoch - 1 ? this.#last : this.#full;
    const first = place * this.batchSize;
    this.#gather(tensors['x']!, () => this.part.x, first);
    this.#gather(tensors['y']!, () => this.part.y, first);
    if (tensors['weight']) this.#gather(tensors['weight'], (member) => this.#counts[member]!, first);
    return tensors;
  }

  /** Copies each member's rows order[first …] of its source into the whole of `batch`. */
  #gather({ data: batch }: HostTensor, source: (member: number) => ArrayLike<number>, first: number): void {
    const length = batch.length / this.#orders.length;
    for (const [member, order] of this.#orders.entries()) {
      const values = source(member);
      const width = values.length / this.part.rows;
      const end = (member + 1) * length;
      for (let to = member * length, i = first; to < end; i++) {
        for (let from = order[i]! * width, rowEnd = from + width; from < rowEnd;) batch[to++] = values[from++]!;
      }
    }
  }
}
