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

interface Tensors {
  readonly batch: HostTensors;
  readonly numbers: HostTensor;
}

/** Fills the same arrays again and again, so that a step makes no garbage. */
export class Minibatches {
  readonly stepsPerEpoch: number;
  /** Of each member, or of the one order that all share. */
  readonly #orders: readonly Uint32Array[];
  readonly #counts: readonly (Uint8Array | undefined)[];
  readonly #full: Tensors;
  readonly #last: Tensors;
  /** Of the rows themselves: 0, 1, 2 … */
  readonly #numbers: Uint32Array;
  /** Axes before those of a row. */
  readonly #leading: number;
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
    this.#numbers = Uint32Array.from({ length: part.rows }, (_, i) => i);
    this.#leading = own ? 2 : 1;
    const tensors = (rows: number): Tensors => {
      const leading = own ? [own.members, rows] : [rows];
      const targets = part.y.length / part.rows;
      return {
        batch: {
          x: float32([...leading, ...inputShape]),
          y: part.y instanceof Int32Array ? int32(leading) : float32([...leading, targets]),
          ...(this.#counts[0] && { weight: float32(leading) }),
        },
        numbers: int32(leading),
      };
    };
    this.#full = tensors(this.batchSize);
    const remainder = part.rows % this.batchSize;
    this.#last = remainder === 0 ? this.#full : tensors(remainder);
  }

  /** The batch of a step, valid until the next call. The last batch of an epoch may have fewer rows. */
  at(step: number): HostTensors {
    const { batch, first } = this.#place(step);
    this.#gather(batch['x']!, () => this.part.x, first);
    this.#gather(batch['y']!, () => this.part.y, first);
    return batch;
  }

  /** The same batch for a device that has `all` rows: x and y are left as they are, `numbers` [batch] or [members, batch] says which rows they are. */
  numbersAt(step: number): { batch: HostTensors; numbers: HostTensor } {
    const { batch, numbers, first } = this.#place(step);
    this.#gather(numbers, () => this.#numbers, first);
    return { batch, numbers };
  }

  /** x and y of all rows. */
  all(): HostTensors {
    const { rows, x, y } = this.part;
    const { x: batchX, y: batchY } = this.#full.batch;
    const shape = ({ shape }: HostTensor) => [rows, ...shape.slice(this.#leading)];
    return { x: float32(shape(batchX!), x), y: y instanceof Int32Array ? int32(shape(batchY!), y) : float32(shape(batchY!), y) };
  }

  /** Where a step's rows begin in their order, with the tensors to fill; the counts, which no device has, are filled in. */
  #place(step: number) {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const place = step % this.stepsPerEpoch;
    if (epoch !== this.#epoch) {
      for (const [member, order] of this.#orders.entries()) shuffleRows(order, this.seed, epoch, member);
      this.#epoch = epoch;
    }
    const tensors = place === this.stepsPerEpoch - 1 ? this.#last : this.#full;
    const first = place * this.batchSize;
    if (tensors.batch['weight']) this.#gather(tensors.batch['weight'], (member) => this.#counts[member]!, first);
    return { ...tensors, first };
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
