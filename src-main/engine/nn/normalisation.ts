/** @file What normalising layers learn. */
import type { LayerParameter, Shape } from './layer';

/** One gain and one shift for each channel, the last axis: point estimates that start as the identity. */
export function gainAndShift(input: Shape): readonly LayerParameter[] {
  const channels = input.at(-1)!;
  const common = { shape: [channels], fanIn: channels, fanOut: channels, bayesian: false } as const;
  return [
    { name: 'gain', role: 'gain', start: 1, ...common },
    { name: 'shift', role: 'bias', start: 0, ...common },
  ];
}
