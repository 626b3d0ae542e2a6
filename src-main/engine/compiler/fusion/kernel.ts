/** @file One pass over all tensors of a cluster as a WebAssembly function. */
import type { Node } from '../graph';
import { call, control, f32x4, i32, select, v128, WasmFunction, type Code, type Local } from '../wasm/encoder';
import type { Cluster } from './partition';
import { emitPass } from './pass';

/** Elements between two hand-overs: sums are kept for each such block, and noise is made a block ahead. Small enough for the caches. */
export const blockValues = 4096;
/** Vectors of a turn, computed side by side: one alone leaves the processor waiting for each result. */
const unroll = 4;

/** How a buffer of noise is filled. */
export interface NoiseFill {
  /** Position in the module of the function with parameters pointer, values, address, block, seed, stepLow, stepHigh. */
  readonly generator: number;
  readonly address: number;
}

/**
 * Parameters: pointer to its arguments, first element (a multiple of 4096), number of elements, seed, stepLow, stepHigh.
 * Its arguments are words: a pointer for each buffer, a float32 for each scalar, and at last where the sums go: for each block, four
 * lanes for each sum. It reads and writes up to 60 bytes beyond each buffer's end.
 */
export interface Kernel {
  readonly code: WasmFunction;
  readonly buffers: readonly string[];
  readonly scalars: readonly Node[];
}

/** @param noise by buffer, which the pass makes itself where it reads it, block by block. */
export function emitKernel(cluster: Cluster, noise: ReadonlyMap<string, NoiseFill>): Kernel {
  const code = new WasmFunction();
  const [args, first, count, ...noiseAt] = code.parameters(6) as [Local, Local, Local, Local, Local, Local];
  const [position, end, values] = [code.local('i32'), code.local('i32'), code.local('i32')];
  // One for each vector of a turn: an addition to the same total would wait for the last one.
  const totals = Array.from({ length: unroll }, () => cluster.sums.map(() => code.local('v128')));
  const named =
    <Key>(locals: Map<Key, Local>, type: 'i32' | 'v128') =>
    (key: Key): Local => {
      const local = locals.get(key) ?? code.local(type);
      locals.set(key, local);
      return local;
    };
  const buffers = new Map<string, Local>();
  const scalars = new Map<Node, Local>();
  const frame = { code, position, end, pointer: named(buffers, 'i32'), scalar: named(scalars, 'v128') };
  const vectors = totals.map((own, i) => emitPass(cluster, { ...frame, totals: own }, 16 * i));
  const turn = vectors[0]!.flatMap((_, statement) => vectors.map((own) => own[statement]!));

  const block = i32.div(first.get, i32.const(blockValues));
  const fills = [...buffers].flatMap(([buffer, pointer]): Code[] => {
    const fill = noise.get(buffer);
    return fill ? [call(fill.generator, i32.add(pointer.get, position.get), values.get, i32.const(fill.address), block, ...noiseAt.map(({ get }) => get))] : [];
  });
  const word = (index: number): Code => i32.load(args.get, 4 * index);
  const place = i32.add(word(buffers.size + scalars.size), i32.mul(block, i32.const(16 * cluster.sums.length)));
  code.body(
    ...[...buffers.values()].map((local, i) => local.set(word(i))),
    ...[...scalars.values()].map((local, i) => local.set(v128.loadSplat(args.get, 4 * (buffers.size + i)))),
    control.doWhile(
      count.get,
      values.set(select(count.get, i32.const(blockValues), i32.lessUnsigned(count.get, i32.const(blockValues)))),
      position.set(i32.shl(first.get, i32.const(2))),
      end.set(i32.add(position.get, i32.shl(values.get, i32.const(2)))),
      ...fills,
      ...totals.flat().map((total) => total.set(f32x4.all(0))),
      control.doWhile(i32.lessUnsigned(position.get, end.get), ...turn, position.set(i32.add(position.get, i32.const(16 * unroll)))),
      ...cluster.sums.map((_, i) =>
        v128.store(
          place,
          totals.map((own) => own[i]!.get).reduce((a, b) => f32x4.add(a, b)),
          16 * i,
        ),
      ),
      first.set(i32.add(first.get, values.get)),
      count.set(i32.sub(count.get, values.get)),
    ),
  );
  return { code, buffers: [...buffers.keys()], scalars: [...scalars.keys()] };
}
