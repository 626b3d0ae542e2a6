/** @file Float64 rules of convolution and pooling, as sums over the taps of a moving window. */
import { sizeOf, type Node, type Pair, type Shape, type Window } from './graph';

type Values = Float64Array;
type WindowOp = 'convolution' | 'convolutionTranspose' | 'maxPool' | 'maxPoolGrad' | 'averagePool';

/** One place of the kernel over one place of the image, as flat positions. */
interface Tap {
  readonly output: number;
  readonly input: number;
  readonly weight: number;
}

/** Every tap inside the image; outputs row by row, and within each the kernel row by row. */
function tapsOf(image: Shape, output: Shape, { kernel, strides, pads }: Window, dilations: Pair = [1, 1]): Tap[] {
  const [height, width] = [image.at(-2)!, image.at(-1)!];
  const [rows, columns] = [output.at(-2)!, output.at(-1)!];
  const taps: Tap[] = [];
  for (let o = 0; o < rows * columns; o++)
    for (let k = 0; k < kernel[0] * kernel[1]; k++) {
      const y = Math.floor(o / columns) * strides[0] - pads[0] + Math.floor(k / kernel[1]) * dilations[0];
      const x = (o % columns) * strides[1] - pads[1] + (k % kernel[1]) * dilations[1];
      if (y >= 0 && y < height && x >= 0 && x < width) taps.push({ output: o, input: y * width + x, weight: k });
    }
  return taps;
}

const plane = (shape: Shape): number => shape.at(-2)! * shape.at(-1)!;

/** Calls f with the first positions of each image and its output, one channel at a time. */
function eachChannel(image: Shape, output: Shape, f: (image: number, output: number) => void): void {
  for (let channel = 0; channel < image[0]! * image[1]!; channel++) f(channel * plane(image), channel * plane(output));
}

/** Position of the first maximum under each output. */
function maxima(values: Values, image: Shape, output: Shape, window: Window): Int32Array {
  const positions = new Int32Array(sizeOf(output)).fill(-1);
  const taps = tapsOf(image, output, window);
  eachChannel(image, output, (from, to) => {
    for (const tap of taps) {
      const best = positions[to + tap.output]!;
      if (best < 0 || values[from + tap.input]! > values[best]!) positions[to + tap.output] = from + tap.input;
    }
  });
  return positions;
}

export const windowRules: { readonly [Op in WindowOp]: (node: Node<Op>, inputs: readonly Values[]) => Values } = {
  convolution({ shape, inputs: [x, filter], attributes }, [image, weights, bias]) {
    const out = new Float64Array(sizeOf(shape)).map((_, i) => bias?.[Math.floor(i / plane(shape)) % shape[1]!] ?? 0);
    const taps = tapsOf(x!.shape, shape, attributes, attributes.dilations);
    const [channels, outputs] = [filter!.shape[1]!, filter!.shape[0]!];
    for (let n = 0; n < shape[0]!; n++)
      for (let o = 0; o < outputs; o++)
        for (let c = 0; c < channels; c++) {
          const group = Math.floor((o * attributes.groups) / outputs);
          const from = (n * x!.shape[1]! + group * channels + c) * plane(x!.shape);
          const to = (n * outputs + o) * plane(shape);
          const first = (o * channels + c) * plane(filter!.shape);
          for (const tap of taps) out[to + tap.output]! += image![from + tap.input]! * weights![first + tap.weight]!;
        }
    return out;
  },
  convolutionTranspose({ shape, inputs: [dy, filter], attributes }, [gradient, weights]) {
    const out = new Float64Array(sizeOf(shape));
    const taps = tapsOf(shape, dy!.shape, attributes);
    const [outputs, channels] = [filter!.shape[0]!, filter!.shape[1]!];
    for (let n = 0; n < shape[0]!; n++)
      for (let o = 0; o < outputs; o++)
        for (let c = 0; c < channels; c++) {
          const from = (n * outputs + o) * plane(dy!.shape);
          const to = (n * channels + c) * plane(shape);
          const first = (o * channels + c) * plane(filter!.shape);
          for (const tap of taps) out[to + tap.input]! += gradient![from + tap.output]! * weights![first + tap.weight]!;
        }
    return out;
  },
  maxPool: ({ shape, inputs: [x], attributes }, [values]) => Float64Array.from(maxima(values!, x!.shape, shape, attributes), (position) => values![position]!),
  maxPoolGrad({ shape, inputs: [, pooled] }, [gradient, , image]) {
    const out = new Float64Array(sizeOf(shape));
    maxima(image!, shape, pooled!.shape, (pooled as Node<'maxPool'>).attributes).forEach((position, i) => (out[position]! += gradient![i]!));
    return out;
  },
  averagePool({ shape, inputs: [x], attributes }, [values]) {
    const out = new Float64Array(sizeOf(shape));
    const taps = tapsOf(x!.shape, shape, attributes);
    const counts = new Float64Array(plane(shape));
    for (const { output } of taps) counts[output]!++;
    eachChannel(x!.shape, shape, (from, to) => {
      for (const tap of taps) out[to + tap.output]! += values![from + tap.input]! / counts[tap.output]!;
    });
    return out;
  },
};
