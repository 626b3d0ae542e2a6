/** @file TensorFlow's operations that move values without computing. */
import { any, dtypeOf, kernel, valuesOf, type Operation } from './operation.testing';

export const shapeOperations: { readonly [name: string]: Operation } = {
  Cast: {
    inputs: ['SrcT'],
    output: 'DstT',
    attributes: { SrcT: 'type', DstT: 'type', Truncate: 'bool' },
    allowed: any,
    compute: ([x], { DstT }) => kernel('Cast', { x: x! }, { dtype: dtypeOf(DstT) }),
  },
  ConcatV2: {
    inputs: ['T*', 'Tidx'],
    output: 'T',
    attributes: { N: 'int', T: 'type', Tidx: 'type' },
    allowed: any,
    compute: (all) => kernel('Concat', all.slice(0, -1), { axis: valuesOf(all.at(-1)!)[0]! }),
  },
  ExpandDims: {
    inputs: ['T', 'int32'],
    output: 'T',
    attributes: {},
    allowed: any,
    compute: ([input, dim]) => kernel('ExpandDims', { input: input! }, { dim: valuesOf(dim!)[0]! }),
  },
  Fill: {
    inputs: ['index_type', 'T'],
    output: 'T',
    attributes: { T: 'type', index_type: 'type' },
    allowed: any,
    compute: ([shape, value]) => kernel('Fill', {}, { shape: valuesOf(shape!), value: valuesOf(value!)[0]!, dtype: value!.dtype }),
  },
  GatherV2: {
    inputs: ['Tparams', 'Tindices', 'Taxis'],
    output: 'Tparams',
    attributes: { batch_dims: 'int', Tparams: 'type', Tindices: 'type', Taxis: 'type' },
    allowed: any,
    compute: ([x, indices, axis], { batch_dims }) => kernel('GatherV2', { x: x!, indices: indices! }, { axis: valuesOf(axis!)[0]!, batchDims: batch_dims }),
  },
  OneHot: {
    inputs: ['TI', 'int32', 'T', 'T'],
    output: 'T',
    attributes: { axis: 'int', T: 'type', TI: 'type' },
    allowed: any,
    compute: ([indices, depth, on, off]) =>
      kernel('OneHot', { indices: indices! }, { dtype: on!.dtype, depth: valuesOf(depth!)[0]!, onValue: valuesOf(on!)[0]!, offValue: valuesOf(off!)[0]! }),
  },
  Pack: {
    inputs: ['T*'],
    output: 'T',
    attributes: { N: 'int', T: 'type', axis: 'int' },
    allowed: any,
    compute: (all, { axis }) => kernel('Pack', all, { axis }),
  },
  PadV2: {
    inputs: ['T', 'Tpaddings', 'T'],
    output: 'T',
    attributes: { T: 'type', Tpaddings: 'type' },
    allowed: any,
    compute: ([x, paddings, value]) => {
      const flat = valuesOf(paddings!);
      return kernel('PadV2', { x: x! }, { paddings: x!.shape.map((_, axis) => [flat[2 * axis], flat[2 * axis + 1]]), constantValue: valuesOf(value!)[0]! });
    },
  },
  Reshape: {
    inputs: ['T', 'Tshape'],
    output: 'T',
    attributes: { T: 'type', Tshape: 'type' },
    allowed: any,
    compute: ([x, shape]) => kernel('Reshape', { x: x! }, { shape: valuesOf(shape!) }),
  },
  Slice: {
    inputs: ['T', 'Index', 'Index'],
    output: 'T',
    attributes: { T: 'type', Index: 'type' },
    allowed: any,
    compute: ([x, begin, size]) => kernel('Slice', { x: x! }, { begin: valuesOf(begin!), size: valuesOf(size!) }),
  },
  SplitV: {
    inputs: ['T', 'Tlen', 'int32'],
    output: 'T',
    attributes: { num_split: 'int', T: 'type', Tlen: 'type' },
    allowed: any,
    compute: ([x, sizes, axis]) => kernel('SplitV', { x: x! }, { numOrSizeSplits: valuesOf(sizes!), axis: valuesOf(axis!)[0]! }),
  },
  Tile: {
    inputs: ['T', 'Tmultiples'],
    output: 'T',
    attributes: { T: 'type', Tmultiples: 'type' },
    allowed: any,
    compute: ([x, reps]) => kernel('Tile', { x: x! }, { reps: valuesOf(reps!) }),
  },
  Transpose: {
    inputs: ['T', 'Tperm'],
    output: 'T',
    attributes: { T: 'type', Tperm: 'type' },
    allowed: any,
    compute: ([x, perm]) => kernel('Transpose', { x: x! }, { perm: valuesOf(perm!) }),
  },
  Unpack: {
    inputs: ['T'],
    output: 'T',
    attributes: { num: 'int', T: 'type', axis: 'int' },
    allowed: any,
    compute: ([value], { axis }) => kernel('Unpack', { value: value! }, { axis }),
  },
};
