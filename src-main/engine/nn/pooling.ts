/** @file What all pooling layers are: a window over each channel of an image or a sequence, without parameters. */
import { reshape, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { places, stridesOf, windowSettings, withChannels } from './convolution';
import type { Shape } from './layer';

const settings = z.strictObject({
  kernelHeight: windowSettings.kernelHeight(2),
  kernelWidth: windowSettings.kernelWidth(2),
  stride: windowSettings.stride(2),
  strideWidth: windowSettings.strideWidth,
  padding: windowSettings.padding('valid'),
});
type Settings = z.output<typeof settings>;

interface Window {
  readonly kernel: [height: number, width: number];
  readonly strides: [height: number, width: number];
  readonly padding: Settings['padding'];
}

const isSequence = (input: Shape): boolean => input.length === 2;

/** A row as an image, a sequence as one of width 1, and the window that moves over it. @throws WorkbenchError `shape-mismatch` */
function imageOf(input: Shape, { kernelHeight, kernelWidth, padding, ...own }: Settings): { readonly image: Shape; readonly window: Window } {
  const [down, across] = stridesOf(own);
  if (isSequence(input)) return { image: [input[0]!, 1, input[1]!], window: { kernel: [kernelHeight, 1], strides: [down, 1], padding } };
  return { image: withChannels(input, 2), window: { kernel: [kernelHeight, kernelWidth], strides: [down, across], padding } };
}

/** Shapes: [height, width, channels] → [height', width', channels]; [length, channels] → [length', channels]. */
export const pooling = {
  settings,
  outputShape(input: Shape, own: Settings): Shape {
    const { image, window } = imageOf(input, own);
    const [height, width] = places(image, window) as [number, number];
    return isSequence(input) ? [height, input[1]!] : [height, width, image[2]!];
  },
  parameters: () => [],
};

/** A map of images [rows, height, width, channels], made to take sequences, and members and rows. */
export function pooled(x: Tensor, input: Shape, own: Settings, map: (images: Tensor4D, window: Window) => Tensor): Tensor {
  const { image, window } = imageOf(input, own);
  const y = map(reshape(x, [-1, ...image] as [number, number, number, number]), window);
  return reshape(y, [...x.shape.slice(0, x.rank - input.length), ...pooling.outputShape(input, own)]);
}
