/** @file Lowering of convolution and pooling. */
import { sizeOf, type Node, type Shape, type Window } from '../graph';
import { list, type Rule } from './emitter';
import type { Operation } from './model';

type WindowOp = 'convolution' | 'convolutionTranspose' | 'maxPool' | 'maxPoolGrad' | 'averagePool';

export const windowAttributes = ({ kernel, strides, pads }: Window): NonNullable<Operation['attributes']> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  pads: { ints: pads },
});

/** Whether no two windows share a value, so that gradients need not be added up. */
const disjoint = ({ kernel, strides }: Window): boolean => kernel.every((n, axis) => n <= strides[axis]!);

/** Rows and columns at the end of the images that no window reached. */
export const unreached = (images: Shape, positions: Shape, { kernel, strides, pads }: Window): number[] =>
  [0, 1].map((axis) => images[2 + axis]! - (strides[axis]! * (positions[2 + axis]! - 1) + kernel[axis]! - pads[axis]! - pads[2 + axis]!));

export const windowRules: { readonly [Op in WindowOp]: Rule<Op> } = {
  convolution: ({ attributes: { dilations, groups, ...window } }, to, inputs) =>
    to.emit('Conv', inputs, { ...windowAttributes(window), dilations: { ints: dilations }, group: { i: groups } }),
  convolutionTranspose({ shape, inputs: [dy], attributes }, to, inputs) {
    return to.emit('ConvTranspose', inputs, { ...windowAttributes(attributes), output_padding: { ints: unreached(shape, dy!.shape, attributes) } });
  },
  maxPool: ({ attributes }, to, inputs) => to.emit('MaxPool', inputs, windowAttributes(attributes)),
  maxPoolGrad({ shape, inputs: [, pooled] }, to, [dy, y]) {
    const positions = to.output(y!, 1); // in the flattened images
    if (disjoint((pooled as Node<'maxPool'>).attributes))
      return to.emit('MaxUnpool', [dy!, positions, list(to, shape)], windowAttributes((pooled as Node<'maxPool'>).attributes));
    const flat = (name: string) => to.emit('Reshape', [name, list(to, [-1])]);
    const zeros = to.emit('Expand', [to.constant('float32', [1], [0]), list(to, [sizeOf(shape)])]);
    const sums = to.emit('ScatterElements', [zeros, flat(positions), flat(dy!)], { reduction: { s: 'add' } });
    return to.emit('Reshape', [sums, list(to, shape)]);
  },
  averagePool: ({ attributes }, to, inputs) => to.emit('AveragePool', inputs, windowAttributes(attributes)),
};
