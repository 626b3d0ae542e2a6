/** @file Elementwise operations in WebAssembly SIMD. An operation without a rule is not fused. */
import type { Node, OpName } from '../graph';
import { f32x4, v128, type Code } from '../wasm/encoder';
import { decay, exp, expm1, log, log1p, sigmoid, softplus, tanh, type Scope } from '../wasm/math';

/** Code of one operation on four elements; booleans are masks of all bits. `shared` computes what several operations on one operand need. */
export type FusedRule = (operands: readonly Code[], scope: Scope, node: Node, shared: (what: string, make: () => Code) => Code) => Code;

const operator =
  (code: (...operands: Code[]) => Code): FusedRule =>
  (operands) =>
    code(...operands);
const func =
  (code: (scope: Scope, x: Code) => Code): FusedRule =>
  ([x], scope) =>
    code(scope, x!);
const withDecay =
  (code: (scope: Scope, x: Code, e: Code) => Code): FusedRule =>
  ([operand], scope, _node, shared) => {
    const x = shared('itself', () => scope.keep(operand!));
    return code(
      scope,
      x,
      shared('decay', () => decay(scope, x)),
    );
  };
/** A reshape or a broadcast scalar: the same four elements. */
const same: FusedRule = ([x]) => x!;

export const fusedRules: { readonly [Op in OpName]?: FusedRule } = {
  add: operator(f32x4.add),
  sub: operator(f32x4.sub),
  mul: operator(f32x4.mul),
  div: operator(f32x4.div),
  max: operator(f32x4.max),
  min: operator(f32x4.min),
  abs: operator(f32x4.abs),
  sqrt: operator(f32x4.sqrt),
  floor: operator(f32x4.floor),
  ceil: operator(f32x4.ceil),
  round: operator(f32x4.nearest),
  reciprocal: ([x], { all }) => f32x4.div(all(1), x!),
  relu: ([x], { all }) => f32x4.larger(x!, all(0)),
  sign([operand], { keep, all }) {
    const x = keep(operand!);
    const unit = f32x4.sub(v128.and(f32x4.greater(x, all(0)), all(1)), v128.and(f32x4.less(x, all(0)), all(1)));
    return v128.bitselect(unit, x, f32x4.equal(x, x));
  },
  exp: func(exp),
  log: func(log),
  log1p: func(log1p),
  expm1: func(expm1),
  tanh: func(tanh),
  softplus: withDecay(softplus),
  sigmoid: withDecay(sigmoid),
  equal: operator(f32x4.equal),
  less: operator(f32x4.less),
  lessEqual: operator(f32x4.lessEqual),
  greater: operator(f32x4.greater),
  greaterEqual: operator(f32x4.greaterEqual),
  and: operator(v128.and),
  or: operator(v128.or),
  not: operator(v128.not),
  isNaN([operand], { keep }) {
    const x = keep(operand!);
    return f32x4.notEqual(x, x);
  },
  select: ([condition, then, otherwise]) => v128.bitselect(then!, otherwise!, condition!),
  cast: ([x], { all }, node) => (node.dtype === 'bool' ? f32x4.notEqual(x!, all(0)) : v128.and(x!, all(1))),
  reshape: same,
  expand: same,
};

/** What is better kept in memory than computed twice. */
export const transcendental: ReadonlySet<OpName> = new Set<OpName>(['exp', 'log', 'log1p', 'expm1', 'tanh', 'softplus', 'sigmoid']);
