/** @file From an architecture to a network: checked shapes, parameters and a pure apply. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { describeIssues, WorkbenchError } from '../../contract/errors';
import type { Architecture } from '../../contract/spec';
import { withWeights, type AffineRule } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import type { Params } from '../numerics/tree';
import type { LayerKind, Shape } from './layer';
import { layers } from './layers';

/** A layer in its place. */
export interface PlacedLayer {
  /** 'dense1', unique in the network; an architecture's one output layer is 'output'. */
  readonly name: string;
  readonly kind: string;
  /** Shapes of one row. */
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly ParameterSpec[];
}

export interface Model {
  readonly layers: readonly PlacedLayer[];
  /** Of all layers, in their order: 'dense1.kernel', 'dense1.bias', … */
  readonly parameters: readonly ParameterSpec[];
  /**
   * The network's output, its affine maps evaluated with the weights unless another rule is given.
   * Shapes: x [rows, …input] → [rows, outputs]; with K-member parameters → [K, rows, outputs].
   */
  apply(params: Params, x: Tensor, rule?: AffineRule): Tensor;
}

const kinds: { readonly [kind: string]: LayerKind | undefined } = layers;

/**
 * Checks an architecture against the shape of one input row and the width the likelihood needs, and builds it.
 *
 * @throws WorkbenchError `shape-mismatch` or `invalid-spec`, with the layer's index as `details.layer`.
 */
export function buildModel(architecture: Architecture, inputShape: Shape, outputs: number): Model {
  const counts = new Map<string, number>();
  const last = architecture.layers.length - 1;
  let shape = inputShape;
  const built = architecture.layers.map((spec, layer) => {
    const fail = (code: 'invalid-spec' | 'shape-mismatch', reason: string): never => {
      throw new WorkbenchError(code, `Layer ${layer + 1} (${spec.kind}): ${reason}.`, { details: { layer } });
    };
    const kind = kinds[spec.kind] ?? fail('invalid-spec', `there is no such layer; choose one of ${Object.keys(layers).join(', ')}`);
    if ((spec.kind === 'output') !== (layer === last)) {
      fail(
        'invalid-spec',
        layer === last ? 'the last layer must be an output layer; add one' : 'an output layer can only be the last layer; use a dense layer here',
      );
    }
    const parsed = kind.settings.safeParse(spec.settings);
    const settings = parsed.success ? parsed.data : fail('invalid-spec', describeIssues(parsed.error));
    const input = shape;
    try {
      shape = kind.outputShape(input, settings, { outputs });
    } catch (error) {
      if (error instanceof WorkbenchError) fail('shape-mismatch', error.message);
      throw error;
    }
    const count = (counts.get(spec.kind) ?? 0) + 1;
    counts.set(spec.kind, count);
    const name = spec.kind === 'output' ? 'output' : `${spec.kind}${count}`;
    const own = kind.parameters(input, settings, { outputs });
    const placed: PlacedLayer = {
      name,
      kind: spec.kind,
      input,
      output: shape,
      parameters: own.map((parameter) => ({ ...parameter, name: `${name}.${parameter.name}`, layer })),
    };
    const apply = (params: Params, x: Tensor, rule: AffineRule): Tensor => {
      const short = Object.fromEntries(own.map((parameter) => [parameter.name, params[`${name}.${parameter.name}`]!]));
      return kind.apply(short, x, settings, input, (product, z) => rule({ kernel: `${name}.kernel`, bias: `${name}.bias`, product }, z));
    };
    return { placed, apply };
  });
  return {
    layers: built.map(({ placed }) => placed),
    parameters: built.flatMap(({ placed }) => placed.parameters),
    apply: (params, x, rule = withWeights(params)) => built.reduce((activation, { apply }) => apply(params, activation, rule), x),
  };
}
