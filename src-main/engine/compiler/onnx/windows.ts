/** @file Lowering of convolution and pooling. */
import { sizeOf, type Node, type Shape, type Window } from '../graph';
import type { Emitter, Rule } from './emitter';
import type { Operation } from './model';

type WindowOp = 'convolution' | 'convolutionTranspose' | 'maxPool' | 'maxPoolGrad' | 'averagePool';

const windowAttributes = ({ kernel, strides, pads }: Window): NonNullable<Operation['attributes']> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  pads: { ints: pads },
});

/** Whether no two windows share a value, so that gradients need not be added up. */
const disjoint = ({ kernel, strides }: Window): boolean => kernel.every((n, axis) => n <= strides[axis]!);

/** Rows and columns at the end of the images that no window reached. */
const unreached = (images: Shape, positions: Shape, { kernel, strides, pads }: Window): number[] =>
  [0, 1].map((axis) => images[2 + axis]! - (strides[axis]! * (positions[2 + axis]! - 1) + kernel[axis]! - pads[axis]! - pads[2 + axis]!));

const list = (to: Emitter, values: readonly number[]): string => to.constant('int64', [values.length], values);

/**
 * WebGPU's MaxPool does not say where the greatest values lay. The kernel's places, one image each, are read by a convolution with unit
 * kernels and written back by its transpose; of equal values the first is the greatest, as for the CPU.
 */
function maxPoolGradByProducts(
  shape: Shape,
  { shape: pooled, inputs: [x], attributes: window }: Node<'maxPool'>,
  to: Emitter,
  [dy, y]: [string, string],
): string {
  const [rows, columns] = window.kernel as [number, number];
  const places = rows * columns;
  const units = to.constant(
    'float32',
    [places, 1, rows, columns],
    Array.from({ length: places ** 2 }, (_, i) => Number(i % (places + 1) === 0)),
  );
  const attributes = windowAttributes(window);
  const images = (name: string, [n, c, ...size]: Shape) => to.emit('Reshape', [name, list(to, [n! * c!, 1, ...size])]);
  const read = (name: string) => to.emit('Conv', [name, units], attributes);
  const isGreatest = to.emit('Cast', [to.emit('Equal', [read(images(to.name(x!), shape)), images(y, pooled)])], { to: { i: 1 } });
  const order = to.constant(
    'float32',
    [1, places, 1, 1],
    Array.from({ length: places }, (_, i) => places - i),
  );
  const ranks = to.emit('Mul', [isGreatest, order]);
  const inside = window.pads.some((n) => n > 0) && read(to.emit('Expand', [to.constant('float32', [1], [1]), list(to, [1, 1, ...shape.slice(2)])]));
  const score = inside ? to.emit('Mul', [ranks, inside]) : ranks;
  const first = to.emit('Equal', [score, to.emit('ReduceMax', [score], { axes: { ints: [1] }, keepdims: { i: 1 } })]);
  const share = to.emit('Where', [first, images(dy, pooled), to.constant('float32', [], [0])]);
  const sums = to.emit('ConvTranspose', [share, units], { ...attributes, output_padding: { ints: unreached(shape, pooled, window) } });
  return to.emit('Reshape', [sums, list(to, shape)]);
}

export const windowRules: { readonly [Op in WindowOp]: Rule<Op> } = {
  convolution: ({ attributes: { dilations, groups, ...window } }, to, inputs) =>
    to.emit('Conv', inputs, { ...windowAttributes(window), dilations: { ints: dilations }, group: { i: groups } }),
  convolutionTranspose({ shape, inputs: [dy], attributes }, to, inputs) {
    return to.emit('ConvTranspose', inputs, { ...windowAttributes(attributes), output_padding: { ints: unreached(shape, dy!.shape, attributes) } });
  },
  maxPool: ({ attributes }, to, inputs) => to.emit('MaxPool', inputs, windowAttributes(attributes)),
  maxPoolGrad(node, to, [dy, y]) {
    const { shape, inputs } = node;
    const pooled = inputs[1] as Node<'maxPool'>;
    if (to.provider === 'webgpu') return maxPoolGradByProducts(shape, pooled, to, [dy!, y!]);
    const positions = to.second(y!); // in the flattened images
    if (disjoint(pooled.attributes)) return to.emit('MaxUnpool', [dy!, positions, list(to, shape)], windowAttributes(pooled.attributes));
    const flat = (name: string) => to.emit('Reshape', [name, list(to, [-1])]);
    const zeros = to.emit('Expand', [to.constant('float32', [1], [0]), list(to, [sizeOf(shape)])]);
    const sums = to.emit('ScatterElements', [zeros, flat(positions), flat(dy!)], { reduction: { s: 'add' } });
    return to.emit('Reshape', [sums, list(to, shape)]);
  },
  averagePool: ({ attributes }, to, inputs) => to.emit('AveragePool', inputs, windowAttributes(attributes)),
};
