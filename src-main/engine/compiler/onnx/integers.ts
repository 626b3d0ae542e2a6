/** @file Lowering of products in 8-bit integers: ONNX says what is rounded (QuantizeLinear, DequantizeLinear), and a runtime computes the product between in integers. */
import { is, sizeOf, type Node } from '../graph';
import type { IntegerProduct } from '../integer-products';
import type { Grid } from '../value-range';
import type { Emitter } from './emitter';
import { windowAttributes } from './windows';

/**
 * Rounds x to integers and back around Gemm or Conv, whose weights are integers of the model. ONNX Runtime makes QGemm of the first, whose
 * result is a float, and QLinearConv of the second, whose result has to be rounded too.
 */
export function lowerIntegers({ product, steps, integers, weight, bias }: IntegerProduct, to: Emitter, x: string): string {
  const step = (value: number): string => to.constant('float32', [], [value]);
  const rounded = (value: string, grid: Grid): string => {
    const parameters = [step(grid.step), to.constant('uint8', [], [grid.zero])];
    return to.emit('DequantizeLinear', [to.emit('QuantizeLinear', [value, ...parameters]), ...parameters]);
  };
  const w = to.emit('DequantizeLinear', [to.weights('int8', weight.shape, integers.weight), step(steps.weight)]);
  const b = bias && to.emit('DequantizeLinear', [to.weights('int32', [sizeOf(bias.shape)], integers.bias!), step(steps.x.step * steps.weight)]);
  const inputs = [rounded(x, steps.x), w, ...(b ? [b] : [])];
  if (is(product, 'matMul')) return to.emit('Gemm', inputs, { transB: { i: Number(product.attributes.transposeB) } });
  const { dilations, groups, ...window } = (product as Node<'convolution'>).attributes;
  return rounded(to.emit('Conv', inputs, { ...windowAttributes(window), dilations: { ints: dilations }, group: { i: groups } }), steps.y!);
}
