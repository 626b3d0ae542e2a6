/** @file One pass over all tensors of a cluster as a WebAssembly function. */
import { invariant } from '../../../contract/errors';
import { sizeOf, type Node } from '../graph';
import { call, control, f32x4, i32, i32x4, select, v128, WasmFunction, type Code, type Local } from '../wasm/encoder';
import type { Scope } from '../wasm/math';
import { fusedRules } from './rules';
import type { Cluster } from './partition';

/** Elements between two hand-overs: sums are kept for each such block, and noise is made a block ahead. Small enough for the caches. */
export const blockValues = 4096;

/** How a buffer of noise is filled. */
export interface NoiseFill {
  /** Position in the module of the function with parameters pointer, values, address, block, seed, stepLow, stepHigh. */
  readonly generator: number;
  readonly address: number;
}

/**
 * Parameters: pointer to its arguments, first element (a multiple of 4096), number of elements, seed, stepLow, stepHigh.
 * Its arguments are words: a pointer for each buffer, a float32 for each scalar, and at last where the sums go: for each block, four
 * lanes for each sum. It reads and writes up to 12 bytes beyond each buffer's end.
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
  const prologue: Code[] = [];
  const pass: Code[] = [];

  const buffers = new Map<string, Local>();
  const pointer = (buffer: string): Local => {
    const known = buffers.get(buffer) ?? code.local('i32');
    buffers.set(buffer, known);
    return known;
  };
  const scalars = new Map<Node, Local>();
  const constants = new Map<number, Local>();
  const scope: Scope = {
    run: (statement) => void pass.push(statement),
    local: () => code.local('v128'),
    keep(value) {
      const local = code.local('v128');
      pass.push(local.set(value));
      return local.get;
    },
    all(value) {
      const known = constants.get(value);
      if (known) return known.get;
      const local = code.local('v128');
      constants.set(value, local);
      prologue.push(local.set(f32x4.all(value)));
      return local.get;
    },
  };

  const known = new Map<Node, Code>();
  const shared = new Map<string, Code>();
  const at = (buffer: string): Code => i32.add(pointer(buffer).get, position.get);
  function value(node: Node): Code {
    const found = known.get(node);
    if (found) return found;
    if (sizeOf(node.shape) === 1) {
      const local = code.local('v128');
      scalars.set(node, local);
      known.set(node, local.get);
      return local.get;
    }
    const buffer = cluster.buffers.get(node);
    const rule = fusedRules[node.op];
    invariant(buffer !== undefined || rule, `${node.op} is in a fused pass, but has no rule`);
    const share = (what: string, make: () => Code): Code => {
      const key = `${what}:${node.inputs[0]!.id}`;
      const code = shared.get(key) ?? make();
      shared.set(key, code);
      return code;
    };
    const result = scope.keep(buffer === undefined ? rule!(node.inputs.map(value), scope, node, share) : v128.load(at(buffer)));
    known.set(node, result);
    return result;
  }

  let inside: Code | undefined; // lanes before the buffers' end
  const sums = cluster.sums.map((node) => {
    const total = code.local('v128');
    inside ??= scope.keep(i32x4.lessSigned(v128.const(Int32Array.of(0, 4, 8, 12)), i32x4.splat(i32.sub(end.get, position.get))));
    pass.push(total.set(f32x4.add(total.get, v128.and(value(node.inputs[0]!), inside))));
    return total;
  });
  // A buffer may be read and written: all is read before anything is written.
  const results = cluster.stores.map(({ node, buffer }) => ({ buffer, result: value(node) }));
  for (const { buffer, result } of results) pass.push(v128.store(at(buffer), result));
  const fills = [...buffers.keys()].flatMap((buffer) => {
    const fill = noise.get(buffer);
    if (!fill) return [];
    return call(
      fill.generator,
      i32.add(pointer(buffer).get, position.get),
      values.get,
      i32.const(fill.address),
      i32.div(first.get, i32.const(blockValues)),
      ...noiseAt.map(({ get }) => get),
    );
  });

  const word = (index: number): Code => i32.load(args.get, 4 * index);
  const sumsPlace = buffers.size + scalars.size;
  code.body(
    ...[...buffers.values()].map((local, i) => local.set(word(i))),
    ...[...scalars.values()].map((local, i) => local.set(v128.loadSplat(args.get, 4 * (buffers.size + i)))),
    ...prologue,
    control.doWhile(
      count.get,
      values.set(select(count.get, i32.const(blockValues), i32.lessUnsigned(count.get, i32.const(blockValues)))),
      position.set(i32.shl(first.get, i32.const(2))),
      end.set(i32.add(position.get, i32.shl(values.get, i32.const(2)))),
      fills,
      ...sums.map((total) => total.set(f32x4.all(0))),
      control.doWhile(i32.lessUnsigned(position.get, end.get), ...pass, position.set(i32.add(position.get, i32.const(16)))),
      ...sums.map((total, i) =>
        v128.store(i32.add(word(sumsPlace), i32.mul(i32.div(first.get, i32.const(blockValues)), i32.const(16 * sums.length))), total.get, 16 * i),
      ),
      first.set(i32.add(first.get, values.get)),
      count.set(i32.sub(count.get, values.get)),
    ),
  );
  return { code, buffers: [...buffers.keys()], scalars: [...scalars.keys()] };
}
