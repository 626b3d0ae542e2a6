/** @file Every fused operation against the float64 interpreter, and fused steps against the same steps unfused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/builder';
import { evaluate } from '../../compiler/evaluate';
import { fusedRules } from '../../compiler/fusion/rules';
import { partition } from '../../compiler/fusion/partition';
import type { Node, OpName } from '../../compiler/graph';
import { planPasses } from './pass-plan';
import { Passes } from './passes';
import { openPool, type Pool } from './pool';

const size = 4101; // beyond the threshold, and no multiple of four
const edges = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-8, -1e-8, 1e-40, 88.5, -88.5, 100, -100, 200, -200, 1e30, -1e30, Infinity, -Infinity, NaN];
/** From tiny to large, of both signs; the same edges once beside each other and once out of step. */
const operand = (shift: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) =>
    i < edges.length ** 2
      ? edges[(shift ? Math.floor(i / edges.length) : i) % edges.length]!
      : Math.sin(1.7 * i + shift) * 10 ** (5 * Math.sin(0.37 * i + shift) - 2),
  );
const x = operand(0);
const y = operand(1);

/** Builds a float32 result that shows what the operation does. */
const cases: { readonly [op in keyof typeof fusedRules]?: (graph: Builder, x: Node, y: Node) => Node } = {
  ...Object.fromEntries((['add', 'sub', 'mul', 'div', 'max', 'min'] as const).map((op) => [op, (graph: Builder, a: Node, b: Node) => graph.binary(op, a, b)])),
  ...Object.fromEntries(
    (['abs', 'sqrt', 'floor', 'ceil', 'round', 'reciprocal', 'relu', 'sign', 'exp', 'log', 'log1p', 'expm1', 'tanh', 'softplus', 'sigmoid'] as const).map(
      (op) => [op, (graph: Builder, a: Node) => graph.unary(op, a)],
    ),
  ),
  ...Object.fromEntries(
    (['equal', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const).map((op) => [
      op,
      (graph: Builder, a: Node, b: Node) => graph.cast(graph.binary(op, a, b), 'float32'),
    ]),
  ),
  and: (graph, a, b) => graph.cast(graph.binary('and', graph.binary('less', a, b), graph.cast(a, 'bool')), 'float32'),
  or: (graph, a, b) => graph.cast(graph.binary('or', graph.binary('less', a, b), graph.unary('isNaN', a)), 'float32'),
  not: (graph, a, b) => graph.cast(graph.unary('not', graph.binary('less', a, b)), 'float32'),
  isNaN: (graph, a) => graph.cast(graph.unary('isNaN', a), 'float32'),
  select: (graph, a, b) => graph.select(graph.binary('greater', a, b), a, b),
  cast: (graph, a) => graph.cast(graph.cast(a, 'bool'), 'float32'),
  reshape: (graph, a, b) => graph.reshape(graph.binary('add', graph.reshape(a, [3, size / 3]), graph.reshape(b, [3, size / 3])), [size]),
  expand: (graph) => graph.expand(graph.input('hyper:h', [], 'float32'), [size]),
};

let pool: Pool;
beforeAll(async () => (pool = await openPool(2)));
afterAll(() => pool.close());

/** What the passes leave in leaf `out`, and the sum that they hand to the core. */
function run(graph: Builder, node: Node, withSum = false): { out: Float32Array; sum: number | undefined } {
  const sum = graph.reduce('reduceSum', node, [0]);
  const parts = partition({ state: { out: node }, info: withSum ? { sum } : {} });
  expect([...parts.inPlace], 'fused').toEqual(['out']);
  const passes = new Passes(pool, planPasses(parts, [], new Set()));
  const leaves = Object.entries({ x, y, out: new Float32Array(size) }).map(([name, data]) => {
    const own = pool.heap.floats(pool.heap.allocate(4 * size), size);
    own.set(data);
    return [name, own] as const;
  });
  const leaf = (path: string) => leaves.find(([name]) => name === path)![1];
  const inputs = { noise: { seed: 0, step: 0 }, hyper: { h: 0.75 }, leaf };
  passes.before(inputs);
  passes.after(inputs);
  const result = { out: leaf('out').slice(), sum: [...passes.given.values()].find(({ data }) => data.length === 1)?.data[0] };
  passes.dispose();
  for (const [, { byteOffset }] of leaves) pool.heap.free(byteOffset);
  return result;
}

describe('a fused pass', () => {
  const exactly = (node: Node): Float32Array => Float32Array.from(evaluate([node], { 'state:x': x, 'state:y': y, 'hyper:h': [0.75] })[0]!);

  it.each(Object.keys(fusedRules) as OpName[])('computes %s as in float64, edges included', (op) => {
    const graph = new Builder();
    const node = cases[op as keyof typeof cases]!(graph, graph.input('state:x', [size], 'float32'), graph.input('state:y', [size], 'float32'));
    const expected = exactly(node);
    const { out } = run(graph, node);
    for (let i = 0; i < size; i++) {
      const [a, b] = [out[i]!, expected[i]!];
      const close = Object.is(a, b) || Math.abs(a - b) <= 3e-7 * Math.abs(b) + 1e-37 || a === b;
      if (!close) expect.fail(`${op}(${x[i]}, ${y[i]}) is ${a}, expected ${b}`);
    }
  });

  it('adds up what lies inside the tensor', () => {
    const graph = new Builder();
    const positive = graph.unary('abs', graph.unary('tanh', graph.input('state:x', [size], 'float32')));
    const finite = graph.select(graph.unary('isNaN', positive), graph.fill(0, [size]), positive);
    const expected = exactly(finite).reduce((total, value) => total + value, 0);
    expect(run(graph, finite, true).sum! / expected).toBeCloseTo(1, 5);
  });

  it('gives the same bits however many threads share it, noise made on the way included', async () => {
    const long = 300_001;
    const graph = new Builder();
    const epsilon = graph.input('noise:7', [long], 'float32');
    const drawn = graph.binary(
      'add',
      graph.binary('mul', graph.unary('softplus', graph.input('state:x', [long], 'float32')), epsilon),
      graph.fill(0.5, [long]),
    );
    const parts = partition({
      state: { x: graph.binary('mul', graph.unary('exp', epsilon), graph.fill(0.1, [long])) },
      info: { drawn, squares: graph.reduce('reduceSum', graph.binary('mul', drawn, drawn), [0]) },
    });
    const start = Float32Array.from({ length: long }, (_, i) => Math.sin(i));
    const results = [1, 3].map(async (threads) => {
      const own = await openPool(threads);
      const passes = new Passes(own, planPasses(parts, [{ name: 'noise:7', kind: 'normal', address: 7, shape: [long] }], new Set()));
      const x = own.heap.floats(own.heap.allocate(4 * long), long);
      x.set(start);
      const inputs = { noise: { seed: 1, step: 2 }, hyper: {}, leaf: () => x };
      passes.before(inputs);
      passes.after(inputs);
      await own.close();
      return [x, ...[...passes.given.values()].map(({ data }) => data)];
    });
    const [one, three] = await Promise.all(results);
    expect(one!.map(({ length }) => length)).toEqual([long, long, long, 1]); // state, noise, draw, sum
    expect(three).toEqual(one);
    const mean = one![3]![0]! / long; // E (softplus(sin i) z + ½)² = E softplus² + ¼
    const expected = start.reduce((sum, value) => sum + Math.log1p(Math.exp(value)) ** 2, 0) / long + 0.25;
    expect(Math.abs(mean - expected)).toBeLessThan(0.02);
  });
});
