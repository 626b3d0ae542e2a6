/** @file What TF.js's convolution and pooling kernels record. TF.js keeps images as [rows, height, width, channels], the graph as [rows, channels, height, width]. */
import { backend_util, type NamedAttrMap } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Builder } from './builder';
import { is, type Node, type Pair, type Shape, type Window } from './graph';
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

/** A pool of the given kind: images [rows, channels, height, width] → [rows, channels, height', width']. */
const pool = (graph: Builder, op: 'maxPool' | 'averagePool', images: Node, place: Geometry): Node =>
  graph.operation(op, [images], windowOf(place), [images.shape[0]!, images.shape[1]!, ...place.outputs]);

/** Images before they were rectified, if they were: the largest of rectified values is the rectified largest. */
const beforeRelu = (images: Node): Node => (is(images, 'relu') ? images.inputs[0]! : images);

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
  /**
   * Every image is convolved with its dy for a filter, the stride being the distance between taps, and the results are summed.
   * With the channels for rows and one group for each image that is one convolution.
   */
  Conv2DBackpropFilter: (graph, { x, dy }, attributes) => {
    const filter = attributes['filterShape'] as Rank4;
    const { kernel, strides, pads, outputs } = geometry(x!.shape, filter, attributes);
    const [rows, channels, filters] = [x!.shape[0]!, filter[2], filter[3]];
    const operands = [graph.transpose(x!, [3, 0, 1, 2]), graph.reshape(channelsFirst(graph, dy!), [rows * filters, 1, ...outputs])];
    const span = (axis: 0 | 1) => x!.shape[1 + axis]! + pads[axis]! + pads[2 + axis]! - strides[axis] * (outputs[axis] - 1);
    const reached = [span(0), span(1)] as const;
    const window = { kernel: outputs, strides: [1, 1], pads, dilations: strides, groups: rows } as const;
    const each = graph.reshape(graph.operation('convolution', operands, window, [channels, rows * filters, ...reached]), [channels, rows, filters, ...reached]);
    const total = graph.reshape(graph.reduce('reduceSum', each, [1]), [channels, filters, ...reached]);
    // Where windows leave the last rows of the image out, there are more places than the filter has.
    return graph.transpose(graph.slice(total, [0, 0, 0, 0], [channels, filters, ...kernel]), [2, 3, 0, 1]);
  },

  MaxPool: (graph, { x }, attributes) => {
    const images = channelsFirst(graph, x!);
    const pooled = pool(graph, 'maxPool', beforeRelu(images), pooling(x!.shape, attributes));
    return channelsLast(graph, is(images, 'relu') ? graph.unary('relu', pooled) : pooled);
  },
  /** Where a window has no positive value, rectified or not makes no difference: the gradient of relu is 0 there. */
  MaxPoolGrad: (graph, { dy, input }, attributes) => {
    const images = beforeRelu(channelsFirst(graph, input!));
    const pooled = pool(graph, 'maxPool', images, pooling(input!.shape, attributes));
    return channelsLast(graph, graph.operation('maxPoolGrad', [channelsFirst(graph, dy!), pooled, images], {}, images.shape));
  },
  AvgPool: (graph, { x }, attributes) => channelsLast(graph, pool(graph, 'averagePool', channelsFirst(graph, x!), pooling(x!.shape, attributes))),
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
