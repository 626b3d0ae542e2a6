/**
 * @file Adjoints of convolutions with stride 1 in two steps: along the rows by a convolution, down the columns by a product.
 *
 * ONNX Runtime's ConvTranspose makes the product of every tap and adds the results up on a single thread, one image after another. A
 * convolution with the kernel's rows apart, flipped, adds up along the rows as it multiplies; a banded matrix of ones adds up the rows.
 */
import { sizeOf } from '../graph';
import { list, type Attempt } from './emitter';

/** Of the banded matrix. */
const mostEntries = 4096;
/** Of what lies between the steps: 64 MiB. */
const mostValues = 2 ** 24;

export const convolutionTranspose: Attempt<'convolutionTranspose'> = ({ shape, inputs: [dy], attributes: { kernel, strides, pads } }, to, inputs) => {
  const [rows, channels, height, width] = shape as [number, number, number, number];
  const [, outputs, placesDown, placesAcross] = dy!.shape as [number, number, number, number];
  const [down, across] = kernel;
  const [left, right] = [across - 1 - pads[1], width - placesAcross + pads[1]];
  const entries = height * down * placesDown;
  const between = rows * channels * down * placesDown * width;
  // The second product must not be larger than the first.
  if (sizeOf(strides) > 1 || Math.min(left, right) < 0 || entries > mostEntries || between > mostValues || height > outputs * across) return undefined;

  const backwards = Array.from({ length: across }, (_, i) => across - 1 - i);
  const flipped = to.emit('Gather', [inputs[1]!, list(to, backwards)], { axis: { i: 3 } });
  const apart = to.emit('Reshape', [to.emit('Transpose', [flipped], { perm: { ints: [1, 2, 0, 3] } }), list(to, [channels * down, outputs, 1, across])]);
  const along = to.emit('Conv', [inputs[0]!, apart], { kernel_shape: { ints: [1, across] }, pads: { ints: [0, left, 0, right] } });
  const band = Array.from({ length: height }, (_, y) =>
    Array.from({ length: down * placesDown }, (_, i) => Number(y === (i % placesDown) + Math.floor(i / placesDown) - pads[0])),
  );
  const ones = to.constant('float32', [height, down * placesDown], band.flat());
  const sums = to.emit('MatMul', [ones, to.emit('Reshape', [along, list(to, [rows * channels, down * placesDown, width])])]);
  return to.emit('Reshape', [sums, list(to, shape)]);
};
