/** @file Long short-term memory. */
import { add, mul, reshape, sigmoid, slice, split, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Params } from '../../numerics/tree';
import { defineLayer } from '../layer';
import { recurrence, recurrentSettings, type RecurrentStep } from '../recurrence';

/** The peephole's weights of one gate, in a shape that broadcasts against a cell; none without peepholes. */
function peephole({ peephole }: Params, gate: number, cell: Tensor): Tensor | null {
  if (!peephole) return null;
  const units = peephole.shape.at(-1)!;
  if (peephole.rank === 2) return slice(peephole, [gate, 0], [1, units]);
  return reshape(slice(peephole, [0, gate, 0], [-1, 1, units]), [peephole.shape[0]!, ...new Array<number>(cell.rank - 2).fill(1), units]);
}

/** z, plus the cell seen through the gate's peephole. */
function seeing(params: Params, gate: number, z: Tensor, cell: Tensor | undefined): Tensor {
  const weights = cell && peephole(params, gate, cell);
  return weights ? add(z, mul(weights, cell)) : z;
}

const step: RecurrentStep = (input, memory, recur, params) => {
  const gates = memory ? add(input, recur(memory.hidden)) : input;
  const [i, f, g, o] = split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
  const candidate = mul(sigmoid(seeing(params, 0, i, memory?.cell)), tanh(g));
  // One is added to the forget gate: memories last while nothing is learnt (Jozefowicz et al. 2015).
  const cell = memory ? add(mul(sigmoid(add(seeing(params, 1, f, memory.cell), 1)), memory.cell!), candidate) : candidate;
  return { hidden: mul(sigmoid(seeing(params, 2, o, cell)), tanh(cell)), cell };
};

const { parameters, ...shared } = recurrence(4, step);

/**
 * i, f, g, o = x W + h U + b; c' = σ(f + 1) c + σ(i) tanh g; h' = σ(o) tanh c'; with peepholes i and f see c, o sees c'.
 * Shapes: x [rows, length, channels], kernel [channels, 4 units], recurrentKernel [units, 4 units], bias [4 units], peephole [3, units].
 */
export const lstm = defineLayer({
  kind: 'lstm',
  title: 'LSTM',
  reference:
    'Hochreiter & Schmidhuber (1997), Long Short-Term Memory, with forget gates; Gers, Schraudolph & Schmidhuber (2002) for peepholes; Fortunato et al. (2017) with Bayesian weights',
  help: 'Reads a sequence step by step and keeps a memory that gates let in, keep and let out. As a Bayesian layer its weights are drawn once for a whole sequence. A row of features is a sequence with one channel.',
  settings: z.strictObject({
    ...recurrentSettings,
    peephole: z.boolean().default(false).meta({ title: 'Peepholes', description: 'The gates see the memory itself too.', advanced: true }),
  }),
  ...shared,
  parameters(input, settings) {
    const { units, peephole } = settings;
    if (!peephole) return parameters(input, settings);
    return [...parameters(input, settings), { name: 'peephole', shape: [3, units], role: 'kernel', fanIn: units, fanOut: units, bayesian: true }];
  },
});
