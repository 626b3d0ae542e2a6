/** @file Global average pooling. */
import { mean } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { WorkbenchError } from '../../../contract/errors';
import { defineLayer } from '../layer';

/** The mean of each channel over all places: [length, channels] or [height, width, channels] → [channels]. */
export const globalAveragePool = defineLayer({
  kind: 'global-average-pool',
  title: 'Global average pooling',
  reference: 'Lin, Chen & Yan (2014), Network In Network, sec. 3.2',
  help: 'Replaces each channel by its mean over the whole image or sequence, whatever its size: what dense layers can take after convolutions.',
  settings: z.strictObject({}),
  outputShape(input) {
    if (input.length > 1) return [input.at(-1)!];
    throw new WorkbenchError('shape-mismatch', `it expects an image or a sequence with channels but gets [${input.join(', ')}]; leave it out`);
  },
  parameters: () => [],
  apply: (_params, x, _settings, { input }) =>
    mean(
      x,
      input.slice(0, -1).map((_, axis) => x.rank - input.length + axis),
    ),
});
