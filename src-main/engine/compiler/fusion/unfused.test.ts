/** @file What the log says of passes that stayed in the core. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../builder';
import type { Node } from '../graph';
import { partition } from './partition';
import { unfusedPasses } from './unfused';

const [rows, columns] = [300, 400];

/** The notes on a step that multiplies the batch by the given weights, and moves the weights by their gradient times `factor`. */
function notes(weights: (graph: Builder, w: Node) => Node, factor?: (graph: Builder, w: Node) => Node): readonly string[] {
  const graph = new Builder();
  const w = graph.input('state:w', [rows, columns], 'float32');
  const x = graph.input('batch:x', [100, rows], 'float32');
  const y = graph.matMul(x, weights(graph, w), false, false);
  const gradient = graph.matMul(x, y, true, false);
  const next = graph.binary('sub', w, factor ? graph.binary('mul', gradient, factor(graph, w)) : gradient);
  return unfusedPasses(partition({ state: { w: next }, info: {} }).core);
}

describe('the notes on passes that stayed in the core', () => {
  // Mutations caught: counting the activations, which belong to the core, or what the passes do.
  it('are none where everything is fused', () => {
    expect(notes((graph, w) => graph.unary('exp', w))).toEqual([]);
  });

  it('name an operation without a kernel, before and after the core', () => {
    const erf = 'ONNX Runtime passes over 0.1 million values by itself in each step: erf has no kernel of its own';
    expect(notes((graph, w) => graph.unary('erf', w))).toEqual([erf]);
    expect(
      notes(
        (_graph, w) => w,
        (graph, w) => graph.unary('sin', w),
      ),
    ).toEqual([expect.stringMatching(/sin has no kernel/)]);
  });

  it('name a broadcast along an axis, and what waits for a sum', () => {
    expect(notes((graph, w) => graph.binary('mul', w, graph.input('state:scale', [columns], 'float32')))).toEqual([
      expect.stringMatching(/mul spreads \[400\] over \[300, 400\]$/),
    ]);
    expect(notes((graph, w) => graph.binary('mul', w, graph.unary('reciprocal', graph.reduce('reduceSum', w, [0, 1]))))).toEqual([
      expect.stringMatching(/a sum over a whole tensor comes first$/),
    ]);
  });
});
