/** @file What TF.js's convolution and pooling kernels record. TF.js keeps images as [rows, height, width, channels], the graph as [rows, channels, height, width]. */
import { backend_util, type NamedAttrMap } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Builder } from './builder';
import { type Node, type Pair, type Shape, type Window } from './graph';
import type { Kernel } from './kernels';

const channelsFirst = (graph: Builder, x: Node): Node => graph.transpose(x, [0, 3, 1, 2]);
const channelsLast = (graph: Builder, x: Node): Node => graph.transpose(x, [0, 2, 3, 1]);
/** [height, width, inputs, outputs] ↔ [outputs, inputs, height, width] */
const outputsFirst = (graph: Builder, filter: Node): Node => graph.transpose(filter, [3, 2, 0, 1]);

type Geometry = Window & { readonly dilations: Pair; readonly outputs: Pair };

type Rank4 = [number, number, number, number];

/** Window and output size by TF.js's own rules of padding. */
function geometry(image: Shape, filter: Shape, { strides, pad, dilations, dimRoundingMode, dataFormat }: NamedAttrMap): Geometry {
  if (dataFormat === 'NCHW') throw new WorkbenchError('unsupported', 'Images of the format NCHW cannot be compiled; use NHWC');
  const info = backend_util.computeConv2DInfo(
    [...image] as Rank4,
    [...filter] as Rank4,
    strides as number | Pair as number,
    (dilations ?? 1) as number,
    pad as 'same' | 'valid' | number,
    dimRoundingMode as 'floor',
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    dilations: [info.dilationHeight, info.dilationWidth],
    outputs: [info.outHeight, info.outWidth],
  };
}

const windowOf = ({ kernel, strides, pads }: Geometry): Window => ({ kernel, strides, pads });

const pooling = (image: Shape, attributes: NamedAttrMap): Geometry => {
  const [height, width] = [attributes['filterSize'] as number | Pair].flat() as number[];
  return geometry(image, [height!, width ?? height!, image[3]!, image[3]!], attributes);
};

/** A pool of the given kind: x [rows, height, width, channels] → [rows, channels, height, width]. */
function pool(graph: Builder, op: 'maxPool' | 'averagePool', x: Node, attributes: NamedAttrMap): Node {
  const place = pooling(x.shape, attributes);
  return graph.operation(op, [channelsFirst(graph, x)], windowOf(place), [x.shape[0]!, x.shape[3]!, ...place.outputs]);
}

/** Kernels by TF.js's name. */
export const windowKernels = {
  Conv2D: (graph, { x, filter }, attributes) => {
    const { outputs, ...window } = geometry(x!.shape, filter!.shape, attributes);
    const operands = [channelsFirst(graph, x!), outputsFirst(graph, filter!)];
    return channelsLast(graph, graph.operation('convolution', operands, { ...window, groups: 1 }, [x!.shape[0]!, filter!.shape[3]!, ...outputs]));
  },
  Conv2DBackpropInput: (graph, { dy, filter }, attributes) => {
    const shape = attributes['inputShape'] as number[];
    const window = windowOf(geometry(shape, filter!.shape, attributes));
    const operands = [channelsFirst(graph, dy!), outputsFirst(graph, filter!)];
    return channelsLast(graph, graph.operation('convolutionTranspose', operands, window, [shape[0]!, shape[3]!, shape[1]!, shape[2]!]));
  },
  /** A convolution of the images with dy for a filter, rows and channels exchanged: the stride becomes the distance between taps. */
  Conv2DBackpropFilter: (graph, { x, dy }, attributes) => {
    const filter = attributes['filterShape'] as number[];
    const { kernel, strides, pads, outputs } = geometry(x!.shape, filter, attributes);
    const exchanged = (image: Node) => graph.transpose(image, [3, 0, 1, 2]);
    const span = (axis: 0 | 1) => x!.shape[1 + axis]! + pads[axis]! + pads[2 + axis]! - strides[axis]! * (outputs[axis]! - 1);
    const reached = graph.operation('convolution', [exchanged(x!), exchanged(dy!)], { kernel: outputs, strides: [1, 1], pads, dilations: strides, groups: 1 }, [
      filter[2]!,
      filter[3]!,
      span(0),
      span(1),
    ]);
    // Where windows leave the last rows of the image out, there are more places than the filter has.
    return graph.transpose(graph.slice(reached, [0, 0, 0, 0], [filter[2]!, filter[3]!, ...kernel]), [2, 3, 0, 1]);
  },

  MaxPool: (graph, { x }, attributes) => channelsLast(graph, pool(graph, 'maxPool', x!, attributes)),
  MaxPoolGrad: (graph, { dy, input }, attributes) => {
    const pooled = pool(graph, 'maxPool', input!, attributes);
    const image = channelsFirst(graph, input!);
    return channelsLast(graph, graph.operation('maxPoolGrad', [channelsFirst(graph, dy!), pooled, image], {}, image.shape));
  },
  AvgPool: (graph, { x }, attributes) => channelsLast(graph, pool(graph, 'averagePool', x!, attributes)),
  /** Each value's share of dy is one over the values that its window has inside the image. */
  AvgPoolGrad: (graph, { dy, input }, attributes) => {
    const { outputs, ...window } = pooling(input!.shape, attributes);
    const [rows, height, width, channels] = input!.shape as Rank4;
    const size = [height, width] as const;
    const counts = size.map((length, axis) =>
      Array.from({ length: outputs[axis]! }, (_, o) => {
        const first = o * window.strides[axis]! - window.pads[axis]!;
        return Math.min(first + window.kernel[axis]!, length) - Math.max(first, 0);
      }),
    );
    const shares = graph.constant(
      counts[0]!.flatMap((down) => counts[1]!.map((across) => 1 / (down * across))),
      outputs,
      'float32',
    );
    const planes = graph.reshape(graph.binary('mul', channelsFirst(graph, dy!), shares), [rows * channels, 1, ...outputs]);
    const spread = graph.operation('convolutionTranspose', [planes, graph.fill(1, [1, 1, ...window.kernel])], windowOf({ ...window, outputs }), [
      rows * channels,
      1,
      ...size,
    ]);
    return channelsLast(graph, graph.reshape(spread, [rows, channels, ...size]));
  },
} satisfies { readonly [name: string]: Kernel };
