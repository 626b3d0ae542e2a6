/** @file Stand-ins for TensorFlow's stateless generators: others, keyed by the same seed. */
import { sizeOf } from '../../numerics/host-tensor';
import { philox } from '../../numerics/philox';
import { cpu, valuesOf, type Operation } from './operation.testing';

const generator = (draw: (bits: Uint32Array) => number): Operation => ({
  inputs: ['T', 'Tseed'],
  output: 'dtype',
  attributes: { dtype: 'type', T: 'type', Tseed: 'type' },
  allowed: ['int32'],
  compute: ([shape, seed]) => {
    const [low, high] = valuesOf(seed!);
    const bits = new Uint32Array(4);
    const draws = Float32Array.from({ length: sizeOf(valuesOf(shape!)) }, (_, i) => {
      philox(bits, i, 0, 0, 0, low! >>> 0, high! >>> 0);
      return draw(bits);
    });
    return cpu().makeTensorInfo(valuesOf(shape!), 'float32', draws);
  },
});

export const generators: { readonly [name: string]: Operation } = {
  StatelessRandomUniform: generator(([bits]) => (bits! >>> 8) * 2 ** -24),
  /** Box–Muller. */
  StatelessRandomNormal: generator(([a, b]) => Math.sqrt(-2 * Math.log((a! + 0.5) * 2 ** -32)) * Math.cos(b! * 2 ** -31 * Math.PI)),
};
