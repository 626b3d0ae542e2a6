/** @file Noise made by TensorFlow where it is used: its stateless generators, so that (seed, step, address) fixes every value. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { philox } from '../../numerics/philox';
import type { NoiseKind } from '../../numerics/random';
import type { RunInput } from '../device';
import type { EagerNoise } from '../eager-program';
import type { TensorflowBackend } from './package';

const operations: { readonly [kind in NoiseKind]: string } = { normal: 'StatelessRandomNormal', uniform: 'StatelessRandomUniform' };

/** Tells these keys from those that the host's own generators derive. */
const purpose = 0x7f;

/** The 64 bits that a draw's generator is seeded with. */
function keyOf(address: number, { seed, step }: RunInput['noise']): Int32Array {
  const out = new Uint32Array(4);
  philox(out, address, step % 2 ** 32, Math.floor(step / 2 ** 32), 0, seed, purpose);
  return Int32Array.from(out.subarray(0, 2));
}

export function tensorflowNoise(backend: TensorflowBackend): EagerNoise {
  const { TF_FLOAT, TF_INT32, TF_ATTR_TYPE } = backend.binding;
  const attributes = Object.entries({ dtype: TF_FLOAT, T: TF_INT32, Tseed: TF_INT32 }).map(([name, value]) => ({ name, type: TF_ATTR_TYPE, value }));
  const integers = (values: ArrayLike<number>): Tensor => tensor(Int32Array.from(values), [values.length], 'int32');
  return {
    draw: (kind, address, shape, at) => backend.executeSingleOutput(operations[kind], attributes, [integers(shape), integers(keyOf(address, at))]),
    close: () => Promise.resolve(),
  };
}
