import { expect, it } from 'vitest';
import { Builder } from './builder';
import { peakBytes } from './footprint';

// Mutations caught: values that never go, outputs that do, reshapes counted twice.
it('counts what is alive at once', () => {
  const graph = new Builder();
  const x = graph.input('x', [100], 'float32');
  const chain = [1, 2, 3, 4].reduce((value) => graph.unary('tanh', graph.unary('exp', value)), x);
  expect(peakBytes([chain])).toBe(2 * 400); // a result and its operand
  const kept = graph.unary('exp', x);
  const late = graph.binary('mul', graph.unary('tanh', graph.unary('sqrt', kept)), kept); // kept is needed to the end
  expect(peakBytes([late])).toBe(3 * 400);
  expect(peakBytes([graph.unary('exp', x), graph.unary('tanh', x), graph.unary('sin', x)])).toBe(3 * 400); // outputs stay
  expect(peakBytes([graph.reduce('reduceSum', graph.reshape(graph.unary('exp', x), [10, 10]), [0, 1])])).toBe(404);
  expect(peakBytes([x])).toBe(0);
});
