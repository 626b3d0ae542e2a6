/** @file Minibatches of a part of the data: which rows a step sees follows from (seed, step) alone. */
import { float32, int32, type HostTensors } from '../numerics/host-tensor';
import { shuffleRows } from './shuffle';

/** A part in host memory: x [rows × features], y classes [rows] or targets [rows × targets]. */
export interface Rows {
  readonly rows: number;
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

interface Buffers {
  readonly tensors: HostTensors;
  readonly x: Float32Array;
  readonly y: Int32Array | Float32Array;
}

/** Fills the same arrays again and again, so that a step makes no garbage. */
export class Minibatches {
  readonly stepsPerEpoch: number;
  readonly #order: Uint32Array;
  readonly #full: Buffers;
  readonly #last: Buffers;
  #epoch = -1;

  /** `batchSize` 0 means all rows at once. `inputShape` is that of one row. */
  constructor(
    readonly part: Rows,
    inputShape: readonly number[],
    readonly batchSize: number,
    readonly seed: number,
  ) {
    this.batchSize = batchSize === 0 ? part.rows : Math.min(batchSize, part.rows);
    this.stepsPerEpoch = Math.ceil(part.rows / this.batchSize);
    this.#order = new Uint32Array(part.rows);
    this.#full = buffers(part, inputShape, this.batchSize);
    const remainder = part.rows % this.batchSize;
    this.#last = remainder === 0 ? this.#full : buffers(part, inputShape, remainder);
  }

  /** The batch of a step, valid until the next call. The last batch of an epoch may have fewer rows. */
  at(step: number): HostTensors {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const place = step % this.stepsPerEpoch;
    if (epoch !== this.#epoch) {
      shuffleRows(this.#order, this.seed, epoch);
      this.#epoch = epoch;
    }
    const { tensors, x, y } = place === this.stepsPerEpoch - 1 ? this.#last : this.#full;
    this.#gather(this.part.x, x, place * this.batchSize);
    this.#gather(this.part.y, y, place * this.batchSize);
    return tensors;
  }

  /** Copies the rows order[first …] of `source` into the whole of `batch`. */
  #gather(source: Float32Array | Int32Array, batch: Float32Array | Int32Array, first: number): void {
    const width = source.length / this.part.rows;
    for (let to = 0, i = first; to < batch.length; i++) {
      for (let from = this.#order[i]! * width, end = from + width; from < end;) batch[to++] = source[from++]!;
    }
  }
}

function buffers(part: Rows, inputShape: readonly number[], rows: number): Buffers {
  const x = new Float32Array((part.x.length / part.rows) * rows);
  const targets = part.y.length / part.rows;
  if (part.y instanceof Int32Array) {
    const y = new Int32Array(rows);
    return { x, y, tensors: { x: float32([rows, ...inputShape], x), y: int32([rows], y) } };
  }
  const y = new Float32Array(targets * rows);
  return { x, y, tensors: { x: float32([rows, ...inputShape], x), y: float32([rows, targets], y) } };
}
