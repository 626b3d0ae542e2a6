/** @file Average pooling. */
import { avgPool, mul, pad, tensor } from '@tensorflow/tfjs-core';
import { eachImage, places, stridesOf } from '../convolution';
import { defineLayer } from '../layer';
import { pooling } from '../pooling';

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

/** The mean of each window's values inside the image, by channel: [height, width, channels] → [height', width', channels]. */
export const averagePool = defineLayer({
  kind: 'average-pool',
  title: 'Average pooling',
  reference: 'LeCun et al. (1998), Gradient-based learning applied to document recognition, sec. II B',
  help: 'Replaces each window by its mean, channel by channel. A window as large as the image is global average pooling.',
  ...pooling,
  apply: (_params, x, { kernelHeight, kernelWidth, padding, ...settings }, { input }) =>
    eachImage(x, input, (images) => {
      const kernel: [number, number] = [kernelHeight, kernelWidth];
      const strides = stridesOf(settings);
      if (padding === 'valid') return avgPool(images, kernel, strides, 'valid');
      // Padded here and scaled up at the border: the gradient of TF.js's own padded pooling is wrong on the CPU (it divides by the whole window).
      const [rows, columns] = places(input, { kernel, strides, padding }).map((count, axis) => border(input[axis]!, count, kernel[axis]!, strides[axis]!));
      const padded = pad(images, [[0, 0], rows!.pads, columns!.pads, [0, 0]]); // prettier-ignore
      const means = avgPool(padded, kernel, strides, 'valid');
      return mul(mul(means, tensor(rows!.excess, [rows!.excess.length, 1, 1])), tensor(columns!.excess, [columns!.excess.length, 1]));
    }),
});
