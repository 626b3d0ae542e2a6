/** @file TensorFlow's convolutions and poolings, rows × height × width × channels. */
import { sizeOf } from '../../numerics/host-tensor';
import { cpu, floats, kernel, numbers, valuesOf, type Attributes, type Operation } from './operation.testing';

const windowed = { T: 'type', strides: 'ints', padding: 'string', data_format: 'string' } as const;
const convolved = { ...windowed, use_cudnn_on_gpu: 'bool', dilations: 'ints', explicit_paddings: 'ints' } as const;
const inner = (values: unknown): [number, number] => (values as number[]).slice(1, 3) as [number, number];
const padOf = ({ padding, explicit_paddings }: Attributes) => {
  const edges = explicit_paddings as number[] | undefined;
  return padding === 'EXPLICIT' ? [0, 1, 2, 3].map((axis) => [edges![2 * axis], edges![2 * axis + 1]]) : String(padding).toLowerCase();
};
const windowOf = (attributes: Attributes) => ({ strides: inner(attributes['strides']), pad: padOf(attributes) });
const convolutionOf = (attributes: Attributes) => ({ ...windowOf(attributes), dataFormat: 'NHWC', dilations: inner(attributes['dilations']) });
const poolOf = (attributes: Attributes) => ({ ...windowOf(attributes), filterSize: inner(attributes['ksize']) });

export const windowOperations: { readonly [name: string]: Operation } = {
  Conv2D: {
    inputs: ['T', 'T'],
    output: 'T',
    attributes: convolved,
    allowed: floats,
    compute: ([x, filter], a) => kernel('Conv2D', { x: x!, filter: filter! }, convolutionOf(a)),
  },
  Conv2DBackpropInput: {
    inputs: ['int32', 'T', 'T'],
    output: 'T',
    attributes: convolved,
    allowed: floats,
    compute: ([sizes, filter, dy], a) => kernel('Conv2DBackpropInput', { dy: dy!, filter: filter! }, { ...convolutionOf(a), inputShape: valuesOf(sizes!) }),
  },
  Conv2DBackpropFilter: {
    inputs: ['T', 'int32', 'T'],
    output: 'T',
    attributes: convolved,
    allowed: floats,
    compute: ([x, sizes, dy], a) => kernel('Conv2DBackpropFilter', { x: x!, dy: dy! }, { ...convolutionOf(a), filterShape: valuesOf(sizes!) }),
  },
  MaxPool: {
    inputs: ['T'],
    output: 'T',
    attributes: { ...windowed, ksize: 'ints' },
    allowed: numbers,
    compute: ([x], a) => kernel('MaxPool', { x: x! }, poolOf(a)),
  },
  MaxPoolGrad: {
    inputs: ['T', 'T', 'T'],
    output: 'T',
    attributes: { ...windowed, ksize: 'ints' },
    allowed: numbers,
    compute: ([input, output, dy], a) => kernel('MaxPoolGrad', { dy: dy!, input: input!, output: output! }, poolOf(a)),
  },
  AvgPool: {
    inputs: ['T'],
    output: 'T',
    attributes: { ...windowed, ksize: 'ints' },
    allowed: floats,
    compute: ([x], a) => kernel('AvgPool', { x: x! }, poolOf(a)),
  },
  AvgPoolGrad: {
    inputs: ['int32', 'T'],
    output: 'T',
    attributes: { ...windowed, ksize: 'ints' },
    allowed: floats,
    compute: ([sizes, dy], a) => {
      const input = cpu().makeTensorInfo(valuesOf(sizes!), 'float32', new Float32Array(sizeOf(valuesOf(sizes!))));
      return kernel('AvgPoolGrad', { dy: dy!, input }, poolOf(a));
    },
  },
};
