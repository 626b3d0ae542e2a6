/** @file The scale of additive noise around the network's output: learnt, per input, or fixed. */
import { expandDims, scalar, slice, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ParameterSpec } from '../numerics/parameter';
import type { Params } from '../numerics/tree';

/** Settings of every likelihood with additive noise. */
export const noiseSettings = {
  noise: z
    .enum(['learnt', 'per-input', 'fixed'])
    .default('learnt')
    .meta({ title: 'Noise', description: 'learnt: one level for all inputs (homoscedastic). per-input: the network predicts it (heteroscedastic).' }),
  sd: z
    .number()
    .min(1e-4)
    .max(1e3)
    .default(0.1)
    .meta({
      title: 'Noise level',
      unit: 'standardised target units',
      description: 'Standard deviation of the noise.',
      scale: 'log',
      when: { noise: ['fixed'] },
    }),
};

interface NoiseLevel {
  /** Width of the network's output layer. */
  readonly outputs: number;
  /** A learnt level, never Bayesian. */
  readonly parameters: readonly ParameterSpec[];
  /** Mean and log scale, which broadcast against each other. Shapes: [rows, targets], or [targets] or [] for a shared level. */
  parts(outputs: Tensor, params: Params): { readonly mean: Tensor; readonly logScale: Tensor };
}

const logNoise = 'likelihood.logNoise';

/** How outputs and parameters give the mean and scale of each target. */
export function noiseLevel({ noise, sd }: z.output<z.ZodObject<typeof noiseSettings>>, targets: number): NoiseLevel {
  switch (noise) {
    case 'fixed':
      return { outputs: targets, parameters: [], parts: (outputs) => ({ mean: outputs, logScale: scalar(Math.log(sd)) }) };
    case 'learnt':
      return {
        outputs: targets,
        parameters: [{ name: logNoise, shape: [targets], role: 'noise', fanIn: targets, fanOut: targets, start: 0, bayesian: false, layer: -1 }],
        parts(outputs, params) {
          const level = params[logNoise]!;
          return { mean: outputs, logScale: level.rank === 1 ? level : expandDims(level, 1) }; // [K, targets] of K members
        },
      };
    case 'per-input':
      return {
        outputs: 2 * targets,
        parameters: [],
        parts(outputs) {
          const leading = outputs.shape.slice(0, -1);
          const part = (k: number) => slice(outputs, [...leading.map(() => 0), k * targets], [...leading, targets]);
          return { mean: part(0), logScale: part(1) };
        },
      };
  }
}
