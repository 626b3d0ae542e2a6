/** @file How a network's outputs depend on each of its affine maps: what the map was given, and the outputs' gradient by what it gave. */
import {
  add,
  cast,
  concat,
  equal,
  expandDims,
  matMul,
  mul,
  reshape,
  slice,
  tensor1d,
  valueAndGrads,
  zeros,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { withWeights, type AffineMap } from '../numerics/affine';
import { sizeOf } from '../numerics/host-tensor';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';
import type { Target } from './method';

/**
 * One map's share. With W [inputs, units] the kernel's matrix, bias as its last row, a cotangent r of the outputs f has
 * ∂(rᵀf)/∂W = Σ_t inputs_t gradients_tᵀ in each row, t the places where the row meets the map (1 for a dense layer).
 */
export interface MapJacobian {
  /** [rows, places, inputs]; a 1 is appended where there is a bias. */
  readonly inputs: Tensor;
  /** One for each cotangent: [rows, places, units]. */
  readonly gradients: readonly Tensor[];
}

/** Shape of a kernel and its bias as one matrix. */
export interface MapMatrix {
  readonly kernel: string;
  /** Absent where the map has no offset. */
  readonly bias?: string;
  readonly kernelShape: readonly number[];
  /** Values that one unit sums, the 1 of the bias among them. */
  readonly inputs: number;
  readonly units: number;
}

/** A matrix [inputs, units] as the map's parameters. */
export function asParameters({ kernel, bias, kernelShape, inputs, units }: MapMatrix, matrix: Tensor): Params {
  if (bias === undefined) return { [kernel]: reshape(matrix, [...kernelShape]) };
  return {
    [kernel]: reshape(slice(matrix, [0, 0], [inputs - 1, units]), [...kernelShape]),
    [bias]: reshape(slice(matrix, [inputs - 1, 0], [1, units]), [units]),
  };
}

/** Outputs of the network at `params`, and the Jacobian of `cotangents(outputs)` by each of the maps, in their order. */
export function outputJacobian(
  target: Target,
  params: Params,
  x: Tensor,
  key: Key,
  maps: readonly MapMatrix[],
  cotangents: (outputs: Tensor) => readonly Tensor[],
): { readonly outputs: Tensor; readonly jacobians: readonly MapJacobian[] } {
  const wanted = new Map(maps.map((map) => [map.kernel, map]));
  const calls: { readonly map: AffineMap; readonly input: Tensor; readonly shape: readonly number[] }[] = [];
  const outputs = target.forward(params, x, key, (map, input) => {
    const y = withWeights(params)(map, input);
    if (wanted.has(map.kernel)) calls.push({ map, input, shape: y.shape });
    return y;
  });
  // The gradient by what a map gives is that by a zero added to it.
  const perturbed = (...probes: Tensor[]): Tensor => {
    let call = 0;
    return target.forward(params, x, key, (map, input) => {
      const y = withWeights(params)(map, input);
      return wanted.has(map.kernel) ? add(y, probes[call++]!) : y;
    });
  };
  // TF.js types values as scalars, but takes any shape with a cotangent of it.
  const differentiate = valueAndGrads(perturbed as (...probes: Tensor[]) => Scalar);
  const probes = calls.map(({ shape }) => zeros([...shape]));
  const gradients = cotangents(outputs).map((cotangent) => differentiate(probes, cotangent as Scalar).grads);

  const jacobians = maps.map((map) => {
    const own = calls.flatMap((call, i) => (call.map.kernel === map.kernel ? [i] : []));
    const inputs = concat(
      own.map((i) => patches(calls[i]!.map, map, calls[i]!.input)),
      1,
    );
    return {
      inputs: map.bias === undefined ? inputs : concat([inputs, add(zeros([inputs.shape[0]!, inputs.shape[1]!, 1]), 1)], 2),
      gradients: gradients.map((grads) =>
        concat(
          own.map((i) => withPlaces(grads[i]!)),
          1,
        ),
      ),
    };
  });
  return { outputs, jacobians };
}

/** [rows, …places, values] with its places in one axis. */
const withPlaces = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1, -1)), x.shape.at(-1)!]);

/** What each unit sums at each place, [rows, places, inputs]: a map is linear in its kernel, so the kernel of unit vectors reads it off. */
function patches({ product }: AffineMap, { kernelShape }: MapMatrix, x: Tensor): Tensor {
  if (kernelShape.length === 2) return withPlaces(x);
  const inputs = sizeOf(kernelShape.slice(0, -1));
  return withPlaces(product(x, reshape(identity(inputs), [...kernelShape.slice(0, -1), inputs])));
}

/** Made of short ranges, as a traced step may hold no large constant. */
function identity(n: number): Tensor {
  const short = Math.ceil(Math.sqrt(n));
  const upTo = tensor1d(
    Array.from({ length: short }, (_, i) => i),
    'int32',
  );
  const indices = slice(reshape(add(mul(expandDims(upTo, 1), short), upTo), [-1]), [0], [n]);
  return cast(equal(expandDims(indices, 1), indices), 'float32');
}

/** Σ over rows and places of aᵀ a, [values, values]. */
export function gram(a: Tensor): Tensor {
  const flat = reshape(a, [-1, a.shape.at(-1)!]);
  return matMul(flat, flat, true, false);
}
