/** @file Residual connection: adds what an earlier layer was given. */
import { add, conv2d, reshape, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { WorkbenchError } from '../../../contract/errors';
import type { Product } from '../../numerics/affine';
import { sizeOf } from '../../numerics/host-tensor';
import { Activation, activations } from '../activations';
import { matrixProduct } from '../affine';
import { memberwise } from '../convolution';
import { defineLayer, type LayerContext, type Shape } from '../layer';

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, axis) => n === b[axis]);

/** What the connection skips back to. @throws WorkbenchError `shape-mismatch` if there is nothing that far back. */
function sourceOf({ earlier }: LayerContext, back: number): Shape {
  const source = earlier.at(-1 - back);
  if (source) return source;
  throw new WorkbenchError('shape-mismatch', `it reaches back over ${back} layers but only ${earlier.length - 1} stand before it; reach back less far`);
}

/** How far a window of one place steps along each axis to shrink the source to the target. @throws WorkbenchError `shape-mismatch` */
function stridesOf(source: Shape, target: Shape): number[] {
  const strides = target.slice(0, -1).map((n, axis) => Math.ceil(source[axis]! / n));
  if (source.length === target.length && strides.every((stride, axis) => Math.ceil(source[axis]! / stride) === target[axis])) return strides;
  throw new WorkbenchError(
    'shape-mismatch',
    `it would add rows of shape [${source.join(', ')}] to rows of shape [${target.join(', ')}]; reach back to a layer whose image is as large, or a whole multiple`,
  );
}

/** A window of one place: [rows, …source] → [rows, …target], of sequences, images or features. */
function projection(source: Shape, target: Shape): Product {
  if (target.length === 1) return matrixProduct;
  const [height = 1, width = 1] = stridesOf(source, target);
  const image = [...source.slice(0, -1), 1].slice(0, 2) as [number, number]; // a sequence is an image of width 1
  const place = memberwise(2, (x, kernel) => {
    const y = conv2d(reshape(x, [x.shape[0]!, ...image, source.at(-1)!]) as Tensor4D, kernel as Tensor4D, [height, width], 'same');
    return reshape(y, [x.shape[0]!, ...target]);
  });
  const asWindow = (kernel: Tensor): Tensor => reshape(kernel, [...kernel.shape.slice(0, -2), 1, 1, ...kernel.shape.slice(-2)]);
  return (x, kernel) => {
    const members = x.rank === source.length + 2 && kernel.rank === 3;
    return place(members ? reshape(x, [...x.shape.slice(0, 2), ...image, source.at(-1)!]) : x, asWindow(kernel));
  };
}

/** y = φ(x + s), s what the layer `back` places before was given; where shapes differ, s is W s, a projection of each place. */
export const residual = defineLayer({
  kind: 'residual',
  title: 'Residual',
  reference: 'He et al. (2016), Deep Residual Learning for Image Recognition, eq. 1 and 2',
  help: 'Adds what an earlier layer was given to what comes out of the layers between: gradients pass deep networks unhindered. Where the shapes differ, a learnt projection (a 1 × 1 convolution) fits them.',
  settings: z.strictObject({
    back: z
      .int()
      .min(1)
      .max(50)
      .default(2)
      .meta({ title: 'Layers back', description: 'How many layers the connection skips: 2 adds what the second layer before this one was given.' }),
    activation: Activation.default('relu').meta({ title: 'Activation', description: 'The nonlinearity φ after the sum.' }),
  }),
  outputShape(input, { back }, context) {
    const source = sourceOf(context, back);
    if (!sameShape(source, input) && (source.length !== 1 || input.length !== 1)) stridesOf(source, input);
    return input;
  },
  parameters(input, { back }, context) {
    const source = sourceOf(context, back);
    if (sameShape(source, input)) return [];
    const [fanIn, fanOut] = [source.at(-1)!, input.at(-1)!];
    const affine = sizeOf(input.slice(0, -1)) === 1 ? 'once' : 'repeatedly';
    return [{ name: 'kernel', shape: [fanIn, fanOut], role: 'kernel', fanIn, fanOut, bayesian: true, affine }];
  },
  apply({ kernel }, x, { back, activation }, { input, inputs, affine, earlier }) {
    const skipped = inputs.at(-1 - back)!;
    return activations[activation](add(x, kernel ? affine(projection(earlier.at(-1 - back)!, input), skipped) : skipped));
  },
});
