/** @file What a fused pass does with one vector of four elements. */
import { invariant } from '../../../contract/errors';
import { sizeOf, type Node } from '../graph';
import { f32x4, i32, i32x4, v128, type Code, type Local, type WasmFunction } from '../wasm/encoder';
import type { Scope } from '../wasm/math';
import type { Cluster } from './partition';
import { fusedRules } from './rules';

/** Variables of the function that the vectors of one turn share. */
export interface Frame {
  readonly code: WasmFunction;
  /** Bytes from each buffer's start to the turn's first vector, and to the end of what is to be done. */
  readonly position: Local;
  readonly end: Local;
  readonly totals: readonly Local[];
  pointer(buffer: string): Local;
  scalar(node: Node): Local;
}

/** Statements for the vector that lies `offset` bytes after the turn's first; the i-th statement for each offset is the same. */
export function emitPass({ stores, sums, buffers }: Cluster, frame: Frame, offset: number): Code[] {
  const { code, position, end } = frame;
  const statements: Code[] = [];
  const scope: Scope = {
    run: (statement) => void statements.push(statement),
    local: () => code.local('v128'),
    keep(value) {
      const local = code.local('v128');
      statements.push(local.set(value));
      return local.get;
    },
    constant: (value) => code.constant(value),
    all: (value) => code.constant(f32x4.all(value)),
  };
  const at = (buffer: string): Code => i32.add(frame.pointer(buffer).get, position.get);

  const known = new Map<Node, Code>();
  const shared = new Map<string, Code>();
  function value(node: Node): Code {
    const found = known.get(node);
    if (found) return found;
    if (sizeOf(node.shape) === 1) return frame.scalar(node).get;
    const buffer = buffers.get(node);
    const rule = fusedRules[node.op];
    invariant(buffer !== undefined || rule, `${node.op} is in a fused pass, but has no rule`);
    const share = (what: string, make: () => Code): Code => {
      const key = `${what}:${node.inputs[0]!.id}`;
      const result = shared.get(key) ?? make();
      shared.set(key, result);
      return result;
    };
    const result = scope.keep(buffer === undefined ? rule!(node.inputs.map(value), scope, node, share) : v128.load(at(buffer), offset));
    known.set(node, result);
    return result;
  }

  if (sums.length > 0) {
    // What lies beyond the end must not count.
    const lanes = code.constant(v128.const(Int32Array.of(offset, offset + 4, offset + 8, offset + 12)));
    const inside = scope.keep(i32x4.lessSigned(lanes, i32x4.splat(i32.sub(end.get, position.get))));
    sums.forEach(({ inputs: [x] }, i) => {
      const total = frame.totals[i]!;
      statements.push(total.set(f32x4.add(total.get, v128.and(value(x!), inside))));
    });
  }
  // A buffer may be read and written: all is read before anything is written.
  const results = stores.map(({ node, buffer }) => ({ buffer, result: value(node) }));
  for (const { buffer, result } of results) statements.push(v128.store(at(buffer), result, offset));
  return statements;
}
