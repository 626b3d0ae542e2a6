/** @file Average pooling. */
import { avgPool, mul, pad, tensor } from '@tensorflow/tfjs-core';
import { places } from '../convolution';
import { defineLayer } from '../layer';
import { pooled, pooling } from '../pooling';

/** Padding of one axis, and by how much the window's length exceeds its part inside, at each place. */
function border(length: number, count: number, kernel: number, stride: number): { pads: [before: number, after: number]; excess: number[] } {
  const total = Math.max(0, (count - 1) * stride + kernel - length);
  const before = Math.floor(total / 2);
  const excess = Array.from({ length: count }, (_, place) => {
    const first = place * stride - before;
    return kernel / (Math.min(first + kernel, length) - Math.max(first, 0));
  });
  return { pads: [before, total - before], excess };
}

/** The mean of each window's values inside the image, by channel: shapes as of `pooling`. */
export const averagePool = defineLayer({
  kind: 'average-pool',
  title: 'Average pooling',
  reference: 'LeCun et al. (1998), Gradient-based learning applied to document recognition, sec. II B',
  help: 'Replaces each window by its mean, channel by channel. In a sequence the window moves along its steps, and has no width.',
  ...pooling,
  apply: (_params, x, settings, { input }) =>
    pooled(x, input, settings, (images, { kernel, strides, padding }) => {
      if (padding === 'valid') return avgPool(images, kernel, strides, 'valid');
      // Padded here and scaled up at the border: the gradient of TF.js's own padded pooling is wrong on the CPU (it divides by the whole window).
      const image = images.shape.slice(1);
      const [rows, columns] = places(image, { kernel, strides, padding }).map((count, axis) => border(image[axis]!, count, kernel[axis]!, strides[axis]!));
      const padded = pad(images, [[0, 0], rows!.pads, columns!.pads, [0, 0]]); // prettier-ignore
      const means = avgPool(padded, kernel, strides, 'valid');
      return mul(mul(means, tensor(rows!.excess, [rows!.excess.length, 1, 1])), tensor(columns!.excess, [columns!.excess.length, 1]));
    }),
});
