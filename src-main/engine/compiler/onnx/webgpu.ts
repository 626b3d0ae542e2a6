/** @file Lowering of what ONNX Runtime's WebGPU provider (1.30) does not do, or not as well as its CPU. */
import { valueOf } from '../algebra';
import { is, sameShape, sizeOf, type Node, type OpName, type Shape } from '../graph';
import { list, type Emitter, type Rule } from './emitter';
import { unreached, windowAttributes, windowRules } from './windows';

const elementTypes = { float32: 1, float64: 11 } as const;
const cast = (to: Emitter, x: string, type: keyof typeof elementTypes): string => to.emit('Cast', [x], { to: { i: elementTypes[type] } });

/** A GPU may be 5e-4 off in sine and cosine, and may take no value for NaN (WGSL, floating point accuracy). In float64, which it has not, the CPU computes. */
const onHost =
  (type: string, result: 'float32' | 'bool') =>
  (_node: Node, to: Emitter, [x]: readonly string[]): string => {
    const value = to.emit(type, [cast(to, x!, 'float64')]);
    return result === 'bool' ? value : cast(to, value, result);
  };

/** FusedMatMul is ONNX Runtime’s own and has no WebGPU kernel; Gemm, of matrices alone, transposes as it reads. */
export const plainProduct: Rule<'matMul'> = ({ inputs: nodes, attributes: { transposeA, transposeB } }, to, inputs) => {
  if (!transposeA && !transposeB) return to.emit('MatMul', inputs);
  if (nodes.every(({ shape }) => shape.length === 2)) return to.emit('Gemm', inputs, { transA: { i: Number(transposeA) }, transB: { i: Number(transposeB) } });
  const turned = [transposeA, transposeB].map((isTurned, i) => {
    const axes = [...nodes[i]!.shape.keys()];
    const last = axes.splice(-2).reverse();
    return isTurned ? to.emit('Transpose', [inputs[i]!], { perm: { ints: [...axes, ...last] } }) : inputs[i]!;
  });
  return to.emit('MatMul', turned);
};

/** α a b + β c of matrices is one operation. Undefined where the sum has no product of its own. */
function productAndTerm({ inputs, shape }: Node, to: Emitter): string | undefined {
  const isOwnProduct = (x: Node): x is Node<'matMul'> => is(x, 'matMul') && to.uses(x) === 1 && [x, ...x.inputs].every((matrix) => matrix.shape.length === 2);
  const product = inputs.find(isOwnProduct);
  const term = inputs.find((x) => x !== product);
  if (!product || !term || !inputs.every((x) => sameShape(x.shape, shape))) return undefined;
  const { transposeA, transposeB } = product.attributes;
  const [c, factor] = is(term, 'mul') ? (term.inputs as [Node, Node]) : [term];
  const beta = factor && sameShape(c.shape, shape) ? valueOf(factor) : undefined;
  const operands = [...product.inputs, beta === undefined ? term : c].map((input) => to.name(input));
  return to.emit('Gemm', operands, { transA: { i: Number(transposeA) }, transB: { i: Number(transposeB) }, ...(beta !== undefined && { beta: { f: beta } }) });
}

/** A gradient by a kernel plus its penalty is one operation. */
const add: Rule<'add'> = (node, to, inputs) => productAndTerm(node, to) ?? to.emit('Add', inputs);

/** The sum of all values is left to a single group of threads; of so many values it is better made axis by axis. */
const manyValues = 2 ** 14;

const reduceSum: Rule<'reduceSum'> = ({ inputs: [x], attributes: { axes } }, to, [values]) => {
  const isSquare = is(x!, 'mul') && x.inputs[0] === x.inputs[1];
  const total = (name: string, own: readonly number[], squared: boolean) =>
    squared
      ? to.emit('ReduceSumSquare', [name], { axes: { ints: own }, keepdims: { i: 1 } })
      : to.emit('ReduceSum', [name, list(to, own)], { keepdims: { i: 1 } });
  const steps = sizeOf(x!.shape) < manyValues ? [axes] : axes.toReversed().map((axis) => [axis]);
  return steps.reduce((name, own, i) => total(name, own, isSquare && i === 0), isSquare ? to.name(x.inputs[0]!) : values!);
};

/** Pow fails where both sides are broadcast. */
const pow: Rule<'pow'> = ({ shape, inputs }, to, [x, y]) => {
  const isOneWay = inputs.some((input) => sameShape(input.shape, shape));
  return to.emit('Pow', [isOneWay ? x! : to.emit('Expand', [x!, list(to, shape)]), y!]);
};

/** A value with zeros after it along an axis. */
function fill(to: Emitter, name: string, shape: Shape, axis: number, count: number): string {
  if (count === 0) return name;
  const zeros = to.emit('Expand', [to.constant('float32', [1], [0]), list(to, shape.with(axis, count))]);
  return to.emit('Concat', [name, zeros], { axis: { i: axis } });
}

/** What is missing to the next multiple of four. */
const missing = (n: number): number => -n & 3;

/**
 * Conv is wrong for some numbers of channels, such as 6 and 9 (onnxruntime#29651), and right for multiples of four: zeros fill them up.
 * Batches are channels where the gradient by a kernel is computed.
 */
const convolution: Rule<'convolution'> = (node, to, [x, kernel, ...bias]) => {
  const [images, kernels] = node.inputs as [Node, Node];
  const { groups } = node.attributes;
  if (groups > 1) return groupedConvolution(node, to, [x!, kernel!, ...bias]);
  const more = images.shape[1] === 1 ? 0 : missing(images.shape[1]!);
  return windowRules.convolution(node, to, [fill(to, x!, images.shape, 1, more), fill(to, kernel!, kernels.shape, 1, more), ...bias]);
};

/** Conv reads up to four channels of the result at once, also across groups; so each group gets a multiple of four. */
const groupedConvolution: Rule<'convolution'> = (node, to, [x, kernel, ...bias]) => {
  const { groups } = node.attributes;
  const [channels, ...window] = node.inputs[1]!.shape as [number, ...number[]];
  const own = channels / groups;
  const more = missing(own);
  if (more === 0) return windowRules.convolution(node, to, [x!, kernel!, ...bias]);
  const filled = (name: string, rest: Shape): string => {
    const apart = to.emit('Reshape', [name, list(to, [groups, own, ...rest])]);
    return to.emit('Reshape', [fill(to, apart, [groups, own, ...rest], 1, more), list(to, [groups * (own + more), ...rest])]);
  };
  const result = windowRules.convolution(node, to, [x!, filled(kernel!, window), ...bias.map((values) => filled(values, []))]);
  const [rows, , ...size] = node.shape as [number, number, ...number[]];
  const apart = to.emit('Reshape', [result, list(to, [rows, groups, own + more, ...size])]);
  return to.emit('Reshape', [to.emit('Slice', [apart, list(to, [0]), list(to, [own]), list(to, [2])]), list(to, node.shape)]);
};

/**
 * MaxPool does not say where the greatest values lay. The kernel's places, one image each, are read by a convolution with unit kernels
 * and written back by its transpose; of equal values the first is the greatest, as on the CPU.
 */
const maxPoolGrad: Rule<'maxPoolGrad'> = ({ shape, inputs }, to, [dy, y]) => {
  const pool = inputs[1] as Node<'maxPool'>;
  const [rows, columns] = pool.attributes.kernel as [number, number];
  const places = rows * columns;
  const diagonal = Array.from({ length: places ** 2 }, (_, i) => Number(i % (places + 1) === 0));
  const units = to.constant('float32', [places, 1, rows, columns], diagonal);
  const attributes = windowAttributes(pool.attributes);
  const images = (name: string, [n, c, ...size]: Shape) => to.emit('Reshape', [name, list(to, [n! * c!, 1, ...size])]);
  const read = (name: string) => to.emit('Conv', [name, units], attributes);
  const isGreatest = cast(to, to.emit('Equal', [read(images(to.name(pool.inputs[0]!), shape)), images(y!, pool.shape)]), 'float32');
  const order = Array.from({ length: places }, (_, i) => places - i);
  const ranks = to.emit('Mul', [isGreatest, to.constant('float32', [1, places, 1, 1], order)]);
  const ones = (size: Shape) => to.emit('Expand', [to.constant('float32', [1], [1]), list(to, [1, 1, ...size])]);
  const isPadded = pool.attributes.pads.some((n) => n > 0); // what is read there, zeros, must not win
  const score = isPadded ? to.emit('Mul', [ranks, read(ones(shape.slice(2)))]) : ranks;
  const isFirst = to.emit('Equal', [score, to.emit('ReduceMax', [score], { axes: { ints: [1] }, keepdims: { i: 1 } })]);
  const shares = to.emit('Where', [isFirst, images(dy!, pool.shape), to.constant('float32', [], [0])]);
  const sums = to.emit('ConvTranspose', [shares, units], { ...attributes, output_padding: { ints: unreached(shape, pool.shape, pool.attributes) } });
  return to.emit('Reshape', [sums, list(to, shape)]);
};

export const webgpuRules: { readonly [Op in OpName]?: Rule<Op> } = {
  sin: onHost('Sin', 'float32'),
  cos: onHost('Cos', 'float32'),
  isNaN: onHost('IsNaN', 'bool'),
  matMul: plainProduct,
  add,
  reduceSum,
  pow,
  convolution,
  maxPoolGrad,
};
