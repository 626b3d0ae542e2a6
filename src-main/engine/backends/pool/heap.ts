/** @file The memory that ONNX Runtime and WebAssembly threads share: what lies in it is never copied between them. */
import { WorkbenchError } from '../../../contract/errors';
import { sizeOf, type HostTensor, type TensorSpec } from '../../numerics/host-tensor';

const pageBytes = 65_536;
const maximumBytes = 2 ** 32;

/** First fit among free ranges; pointers are multiples of 64 bytes, and every range ends with room for whole turns of unrolled loops. */
export class Heap {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: maximumBytes / pageBytes, shared: true });
  readonly #taken = new Map<number, number>();
  #free: { start: number; end: number }[];

  /** @param reserved bytes at the start that are not given out. */
  constructor(reserved: number) {
    this.#free = [{ start: Math.ceil(reserved / 64) * 64, end: maximumBytes }];
  }

  /** @throws WorkbenchError `unsupported` if there is no room. */
  allocate(bytes: number): number {
    const size = Math.ceil((bytes + 60) / 64) * 64;
    const place = this.#free.find(({ start, end }) => end - start >= size);
    const missing = place ? Math.ceil((place.start + size - this.memory.buffer.byteLength) / pageBytes) : 0;
    try {
      if (!place) throw new RangeError('the address space is full');
      if (missing > 0) this.memory.grow(missing);
    } catch (cause) {
      const mebibytes = (n: number) => Math.ceil(n / 2 ** 20);
      const used = [...this.#taken.values()].reduce((sum, n) => sum + n, 0);
      throw new WorkbenchError(
        'unsupported',
        `The CPU device needs another ${mebibytes(size)} MiB beside the ${mebibytes(used)} MiB in use, which cannot be had; use fewer draws at once or a smaller network`,
        { cause },
      );
    }
    const pointer = place.start;
    place.start += size;
    this.#taken.set(pointer, size);
    return pointer;
  }

  /** Bytes that are not given out. */
  get room(): number {
    return this.#free.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  free(pointer: number): void {
    const size = this.#taken.get(pointer);
    if (size === undefined) return;
    this.#taken.delete(pointer);
    const ranges = [...this.#free, { start: pointer, end: pointer + size }].sort((a, b) => a.start - b.start);
    this.#free = [];
    for (const range of ranges) {
      const last = this.#free.at(-1);
      if (last?.end === range.start) last.end = range.end;
      else if (range.end > range.start) this.#free.push(range);
    }
  }

  /** Of a state; its contents are whatever lay there. */
  data({ dtype, shape }: TensorSpec): HostTensor['data'] {
    const pointer = this.allocate(4 * sizeOf(shape));
    return dtype === 'float32' ? this.floats(pointer, sizeOf(shape)) : this.words(pointer, sizeOf(shape));
  }

  floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }
  words(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }
}
