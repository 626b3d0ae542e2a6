/**
 * @file Convolutions of pictures whose results are pooled, phase by phase: a phase is one place within each window of the pool.
 *
 * A convolution with the pool's strides and shifted kernels makes each phase by itself. ONNX Runtime copies the values under every
 * position of a kernel side by side before it multiplies them, which takes most of the time where there are few weights: by phases of
 * 2 × 2 there are a quarter of the positions. The largest phase and its gradient are passes over whole tensors then, several times as fast as
 * MaxPool with its positions and MaxUnpool.
 */
import { is, sizeOf, type Node, type Pair } from '../graph';
import { list, type Attempt, type Emitter } from './emitter';
import { elementTypes } from './model';
import { windowAttributes } from './windows';

/** Pictures have at most three channels. With more, or with more weights in all phases, multiplying costs more than is saved (measured). */
const mostChannels = 3;
const mostWeights = 3072;

/** A pool, the convolution that it is of, and the kernel that reaches all phases. */
interface Phased {
  readonly pool: Node<'maxPool'>;
  readonly convolution: Node<'convolution'>;
  /** Pixels between phases, of the pictures. */
  readonly shifts: readonly Pair[];
  readonly kernel: Pair;
  readonly strides: Pair;
}

/** Undefined where the pool is better computed as it is. */
function phasesOf(pool: Node): Phased | undefined {
  const convolution = pool.inputs[0]!;
  if (!is(pool, 'maxPool') || !is(convolution, 'convolution')) return undefined;
  const { kernel: own, strides, groups, dilations } = convolution.attributes;
  const [side, width] = pool.attributes.kernel;
  const isTiled = pool.attributes.strides.every((n, axis) => n === side && n * pool.shape[2 + axis]! === convolution.shape[2 + axis]);
  if (side !== width || !isTiled || groups * Math.max(...dilations) !== 1) return undefined;
  const kernel = own.map((n, axis) => n + strides[axis]! * (side - 1)) as unknown as Pair;
  const [filters, channels] = convolution.inputs[1]!.shape as [number, number];
  if (channels > mostChannels || side ** 2 * filters * channels * sizeOf(kernel) > mostWeights) return undefined;
  const shifts = Array.from({ length: side ** 2 }, (_, i): Pair => [strides[0] * Math.floor(i / side), strides[1] * (i % side)]);
  return { pool, convolution, shifts, kernel, strides: [strides[0] * side, strides[1] * side] };
}

const apart = (to: Emitter, x: string, axis: number, count: number): string[] => {
  const first = to.emit('Split', [x], { axis: { i: axis } });
  return [first, ...Array.from({ length: count - 1 }, (_, i) => to.output(first, i + 1))];
};

/** Each [rows, filters, height, width], row by row of the pool's window. */
function phases({ convolution, shifts, kernel, strides }: Phased, to: Emitter): string[] {
  const [x, filter, bias] = convolution.inputs.map((input) => to.name(input));
  const room = (axis: 0 | 1) => kernel[axis] - convolution.attributes.kernel[axis];
  const shifted = shifts.map(([down, right]) => to.emit('Pad', [filter!, list(to, [0, 0, down, right, 0, 0, room(0) - down, room(1) - right])]));
  const joined = (parts: readonly string[]) => to.emit('Concat', parts, { axis: { i: 0 } });
  const operands = [x!, joined(shifted), ...(bias === undefined ? [] : [joined(shifts.map(() => bias))])];
  return apart(to, to.emit('Conv', operands, windowAttributes({ kernel, strides, pads: convolution.attributes.pads })), 1, shifts.length);
}

const halves = (list: readonly string[]) => [list.slice(0, list.length / 2), list.slice(list.length / 2)] as const;

function largest(to: Emitter, values: readonly string[]): string {
  if (values.length === 1) return values[0]!;
  return to.emit(
    'Max',
    halves(values).map((half) => largest(to, half)),
  );
}

/** What of dy each value gets: all of it the first of the largest. */
function shares(to: Emitter, values: readonly string[], dy: string): string[] {
  if (values.length === 1) return [dy];
  const [first, second] = halves(values);
  const isFirst = to.emit('Cast', [to.emit('GreaterOrEqual', [largest(to, first), largest(to, second)])], { to: { i: elementTypes.float32 } });
  const own = to.emit('Mul', [dy, isFirst]); // faster than Where
  return [...shares(to, first, own), ...shares(to, second, to.emit('Sub', [dy, own]))];
}

/** The gradient of the pool by its phases, joined: [rows, phases · filters, height, width]. */
const gradient = (phased: Phased, to: Emitter, dy: Node): string => to.emit('Concat', shares(to, phases(phased, to), to.name(dy)), { axis: { i: 1 } });

const maxPool: Attempt<'maxPool'> = (node, to) => {
  const phased = phasesOf(node);
  return phased && largest(to, phases(phased, to));
};

const maxPoolGrad: Attempt<'maxPoolGrad'> = ({ inputs: [dy, pool] }, to) => {
  const phased = phasesOf(pool!);
  return phased && to.emit('DepthToSpace', [gradient(phased, to, dy!)], { blocksize: { i: phased.pool.attributes.kernel[0] } });
};

/** The gradient by the kernel as `window-kernels` has it, a convolution of each picture with its part of dy, summed over all: that of the shifted kernels, shifted back. */
const reduceSum: Attempt<'reduceSum'> = ({ inputs: [each], attributes: { axes }, shape }, to) => {
  const convolution = each && is(each, 'reshape') ? each.inputs[0]! : undefined;
  if (!convolution || !is(convolution, 'convolution') || axes.join() !== '1') return undefined;
  const [x, dy] = convolution.inputs as [Node, Node];
  const spread = is(dy, 'reshape') ? dy.inputs[0]! : dy;
  const phased = is(spread, 'maxPoolGrad') ? phasesOf(spread.inputs[1]!) : undefined;
  if (!phased || dy.shape[1] !== 1 || convolution.attributes.dilations.join() !== phased.convolution.attributes.strides.join()) return undefined;
  const [rows, filters, ...size] = phased.pool.shape as [number, number, number, number];
  const count = phased.shifts.length * filters;
  const parts = to.emit('Reshape', [gradient(phased, to, spread.inputs[0]!), list(to, [rows * count, 1, ...size])]);
  const window = windowAttributes({ kernel: size, strides: [1, 1], pads: convolution.attributes.pads });
  const own = to.emit('Conv', [to.name(x), parts], { ...window, dilations: { ints: phased.strides }, group: { i: rows } });
  const [channels, , , ...places] = shape as [number, number, number, number, number];
  const reached = places.map((n, axis) => n + phased.shifts.at(-1)![axis]!);
  const split = to.emit('Reshape', [own, list(to, [channels, rows, count, ...reached])]);
  const sums = apart(to, to.emit('ReduceSum', [split, list(to, [1])], { keepdims: { i: 1 } }), 2, phased.shifts.length);
  const back = sums.map((sum, i) => {
    const begin = phased.shifts[i]!;
    return to.emit('Slice', [
      sum,
      list(to, begin),
      list(
        to,
        begin.map((first, axis) => first + places[axis]!),
      ),
      list(to, [3, 4]),
    ]);
  });
  return to.emit('Sum', back);
};

export const phaseRules = { maxPool, maxPoolGrad, reduceSum };
