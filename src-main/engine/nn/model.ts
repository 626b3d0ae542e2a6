/** @file From an architecture to a network: checked shapes, parameters and a pure apply. */
import { stack, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { describeIssues, WorkbenchError } from '../../contract/errors';
import { LayerSwitches, type Architecture, type LayerSpec } from '../../contract/spec';
import { withWeights, type AffineRule } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import { inPart } from '../numerics/part';
import { fold, type Key, type NoiseSource } from '../numerics/random';
import type { Params } from '../numerics/tree';
import type { LayerAffine, LayerKind, Shape } from './layer';
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
  /** Whether a layer is random when it predicts: then draws differ even if their weights do not. */
  readonly randomPrediction: boolean;
  /** What layers measure over many rows at once: 'batch-norm1.mean'. Predictions need them beside the parameters. */
  readonly statistics: readonly Statistic[];
  /** The statistics of rows under these weights. Shapes: x [rows, …input]. */
  measure(params: Params, x: Tensor, noise?: LayerNoise): Params;
  /**
   * The network's output, its affine maps evaluated with the weights unless another rule is given. Random layers need noise.
   * Shapes: x [rows, …input] → [rows, outputs]; with K-member parameters → [K, rows, outputs].
   */
  apply(params: Params, x: Tensor, rule?: AffineRule, noise?: LayerNoise): Tensor;
}

/** A tensor that belongs to weights and rows together, and is no parameter. */
export interface Statistic {
  readonly name: string;
  readonly shape: Shape;
}

/** Where random layers draw from, and whether each row has noise of its own (training) or each draw (predicting). */
export interface LayerNoise {
  readonly key: Key;
  readonly training: boolean;
}

const silence: NoiseSource = {
  draw() {
    throw new Error('a random layer is evaluated without noise');
  },
};
/** How statistics come about: see `Pass.statistic`. */
type Statistics = (name: string, ofBatch: () => Tensor) => Tensor;
const ofBatch: Statistics = (_name, measure) => measure();
const asMeasured =
  (params: Params): Statistics =>
  (name) => {
    const known = params[name];
    if (known) return known;
    throw new WorkbenchError('unsupported', `The prediction needs ${name}, which is measured for draws alone; choose layer normalisation instead`);
  };

const noNoise: LayerNoise = { key: { source: silence, address: 0 }, training: false };

/** Where the layer's weights start, as far as the layer says it itself. */
const startOf = ({ initialisation = 'by-method', initialValue, initialSd }: LayerSpec): Pick<ParameterSpec, 'initialisation' | 'initialSd'> => ({
  ...(initialisation !== 'by-method' && {
    initialisation: { scheme: initialisation, value: initialValue ?? LayerSwitches.shape.initialValue.parse(undefined) },
  }),
  ...(initialSd !== undefined && { initialSd }),
});

const kinds: { readonly [kind: string]: LayerKind | undefined } = layers;

/**
 * Checks an architecture against the shape of one input row and the width the likelihood needs, and builds it.
 * `onPlaced` hears of each layer that fits, those before a fault too.
 *
 * @throws WorkbenchError `shape-mismatch` or `invalid-spec`, with the layer's index as `details.layer`.
 */
export function buildModel(architecture: Architecture, inputShape: Shape, outputs: number, onPlaced?: (layer: PlacedLayer) => void): Model {
  const counts = new Map<string, number>();
  const last = architecture.layers.length - 1;
  const earlier: Shape[] = [];
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
    const settings = parsed.success ? parsed.data : fail('invalid-spec', describeIssues(parsed.error, kind.settings));
    const input = shape;
    earlier.push(input);
    const context = { outputs, earlier: [...earlier] };
    try {
      shape = kind.outputShape(input, settings, context);
    } catch (error) {
      if (error instanceof WorkbenchError) fail('shape-mismatch', error.message);
      throw error;
    }
    const count = (counts.get(spec.kind) ?? 0) + 1;
    counts.set(spec.kind, count);
    const name = spec.kind === 'output' ? 'output' : `${spec.kind}${count}`;
    const own = kind.parameters(input, settings, context);
    const placed: PlacedLayer = {
      name,
      kind: spec.kind,
      input,
      output: shape,
      parameters: own.map((parameter) => ({
        ...parameter,
        name: `${name}.${parameter.name}`,
        layer,
        bayesian: parameter.bayesian && spec.bayesian !== false,
        ...(spec.sample === false && { sample: false }),
        ...(spec.trainable === false && { trainable: false }),
        ...startOf(spec),
        ...(spec.dropRate !== undefined && parameter.role === 'kernel' && { dropRate: spec.dropRate }),
      })),
    };
    onPlaced?.(placed);
    const apply = (params: Params, inputs: readonly Tensor[], rule: AffineRule, { key, training }: LayerNoise, statistics: Statistics): Tensor => {
      const short = Object.fromEntries(own.map((parameter) => [parameter.name, params[`${name}.${parameter.name}`]!]));
      const affine: LayerAffine = (product, z, map) =>
        rule({ kernel: `${name}.${map ? `${map}Kernel` : 'kernel'}`, bias: `${name}.${map ? `${map}Bias` : 'bias'}`, product }, z);
      const statistic: Statistics = (own, measure) => statistics(`${name}.${own}`, measure);
      const given = { ...context, input, inputs, affine, key: fold(key, name), training, statistic };
      return inPart(`layer ${layer + 1} (${spec.kind})`, () => kind.apply(short, inputs.at(-1)!, settings, given));
    };
    const measured = Object.entries(kind.statistics?.(input) ?? {}).map(([own, shape]): Statistic => ({ name: `${name}.${own}`, shape }));
    return { placed, apply, measured, randomPrediction: kind.randomPrediction?.(settings) ?? false };
  });
  const pass = (params: Params, x: Tensor, rule: AffineRule, noise: LayerNoise, statistics: Statistics): Tensor => {
    const inputs = [x];
    for (const { apply } of built) inputs.push(apply(params, [...inputs], rule, noise, statistics));
    return inputs.at(-1)!;
  };
  const parameters = built.flatMap(({ placed }) => placed.parameters);
  const measured = built.flatMap((layer) => layer.measured);
  // Convolutions go member by member. If the whole network does, the changes of layout between its layers cancel.
  const memberByMember = parameters.some(({ affine, shape }) => affine === 'repeatedly' && shape.length > 2);
  const membersOf = (params: Params): number | null => {
    const [first] = parameters;
    const value = memberByMember && first && params[first.name];
    return value && value.rank > first.shape.length ? value.shape[0]! : null;
  };
  return {
    layers: built.map(({ placed }) => placed),
    parameters,
    randomPrediction: built.some(({ randomPrediction }) => randomPrediction),
    statistics: measured,
    measure(params, x, noise = noNoise) {
      const found: Record<string, Tensor> = {};
      pass(params, x, withWeights(params), noise, (name, measure) => (found[name] = measure()));
      return found;
    },
    apply(params, x, rule, noise = noNoise) {
      const statisticsOf = (own: Params) => (noise.training ? ofBatch : asMeasured(own));
      const members = rule ? null : membersOf(params);
      if (members === null) return pass(params, x, rule ?? withWeights(params), noise, statisticsOf(params));
      const weights = [...parameters, ...measured].flatMap(({ name }) => (params[name] ? [[name, unstack(params[name])] as const] : []));
      const inputs = x.rank > inputShape.length + 1 ? unstack(x) : null;
      const outputs = Array.from({ length: members }, (_, k) => {
        const own = Object.fromEntries(weights.map(([name, each]) => [name, each[k]!]));
        return pass(own, inputs ? inputs[k]! : x, withWeights(own), { ...noise, key: fold(noise.key, k) }, statisticsOf(own));
      });
      return stack(outputs);
    },
  };
}
