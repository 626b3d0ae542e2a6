/** @file What recurrent layers share: settings, shapes, weights drawn once for a sequence, and the steps in time. */
import { reshape, stack, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { WorkbenchError } from '../../contract/errors';
import type { Product } from '../numerics/affine';
import type { Params } from '../numerics/tree';
import { matrixProduct } from './affine';
import { withChannels } from './convolution';
import type { LayerKind, LayerParameter, Shape } from './layer';

/** Steps are unrolled when a step of training is compiled, so that long sequences take long to prepare. */
const longest = 256;

export const recurrentSettings = {
  units: z.int().min(1).max(1024).default(32).meta({ title: 'Units', description: 'Size of the state that is passed on from step to step.' }),
  output: z
    .enum(['last', 'sequence'])
    .default('last')
    .meta({ title: 'Output', description: 'last: the state after the last step. sequence: the states after all steps, for another layer of sequences.' }),
  bias: z.boolean().default(true).meta({ title: 'Bias', description: 'Adds a learnt offset to each gate.', advanced: true }),
};

interface Settings {
  readonly units: number;
  readonly output: 'last' | 'sequence';
  readonly bias: boolean;
}

/** Length and channels of a sequence; a row of bare values has one channel. @throws WorkbenchError `shape-mismatch` */
function sequenceOf(input: Shape): readonly [length: number, channels: number] {
  const [length, channels] = withChannels(input, 1);
  if (length! <= longest) return [length!, channels!];
  throw new WorkbenchError(
    'shape-mismatch',
    `it takes at most ${longest} steps and its sequences have ${length!}; shorten them by a convolution with a stride, or by a shorter window`,
  );
}

/** x W at every step at once. Shapes: x [(K,) rows, length, channels], kernel [(K,) channels, gates] → [(K,) rows, length, gates]. */
const atEveryStep: Product = (x, kernel) => {
  const [rows, length, channels] = x.shape.slice(-3) as [number, number, number];
  const y = matrixProduct(reshape(x, [...x.shape.slice(0, -3), rows * length, channels]), kernel);
  return reshape(y, [...y.shape.slice(0, -2), rows, length, y.shape.at(-1)!]);
};

/** What is passed on in time; [(K,) rows, units] each. */
export interface Memory {
  readonly hidden: Tensor;
  readonly cell?: Tensor;
}

/** One step in time: what the input gives the gates [(K,) rows, gates · units], the memory, null before the first step, and the product of a hidden state with the recurrent weights. */
export type RecurrentStep = (input: Tensor, memory: Memory | null, recur: (hidden: Tensor) => Tensor, params: Params) => Memory;

/** Shapes, parameters and passes of a layer with so many gates; all its weights are those of every step. */
export function recurrence(
  gates: number,
  step: RecurrentStep,
): {
  outputShape(input: Shape, settings: Settings): Shape;
  parameters(input: Shape, settings: Settings): readonly LayerParameter[];
  apply(...args: Parameters<LayerKind<z.ZodObject<typeof recurrentSettings>>['apply']>): Tensor;
} {
  return {
    outputShape(input, { units, output }) {
      const [length] = sequenceOf(input);
      return output === 'last' ? [units] : [length, units];
    },
    parameters(input, { units, bias }) {
      const [, channels] = sequenceOf(input);
      // A gate sums over the input and the state.
      const common = { fanIn: channels + units, fanOut: gates * units, bayesian: true, affine: 'repeatedly' } as const;
      return [
        { name: 'kernel', shape: [channels, gates * units], role: 'kernel', ...common },
        { name: 'recurrentKernel', shape: [units, gates * units], role: 'kernel', ...common },
        ...(bias ? [{ name: 'bias', shape: [gates * units], role: 'bias', ...common } as const] : []),
      ];
    },
    apply(params, x, { output }, { input, affine }) {
      const sequence = reshape(x, [...x.shape.slice(0, x.rank - input.length), ...withChannels(input, 1)]);
      const inputs = affine(atEveryStep, sequence);
      const recur = (hidden: Tensor) => affine(matrixProduct, hidden, 'recurrent');
      const hidden: Tensor[] = [];
      let memory: Memory | null = null;
      for (const given of unstack(inputs, inputs.rank - 2)) {
        memory = step(given, memory, recur, params);
        hidden.push(memory.hidden);
      }
      return output === 'last' ? hidden.at(-1)! : stack(hidden, inputs.rank - 2);
    },
  };
}
