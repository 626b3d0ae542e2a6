/** @file Post-training quantisation: which 8-bit integers stand for the values of a network, measured on rows that it was trained on. */
import { WorkbenchError } from '../../contract/errors';
import { sizeOf, type Node } from '../compiler/graph';
import { findProducts, integerProducts, type IntegerProduct, type Product } from '../compiler/integer-products';
import { lower, type StandAlone } from '../compiler/onnx/lower';
import { MagnitudeHistogram, type RangeRule } from '../compiler/value-range';
import type { TracedStep } from '../compiler/trace';
import { openModel } from './model-session';

export interface IntegerOptions {
  /** Rows of the model's input that the ranges are measured on, [rows × features]. */
  readonly calibration: { readonly rows: number; readonly x: Float32Array; readonly inputShape: readonly number[] };
  readonly range: RangeRule;
  /** Given tensors that have to end up as integers: the kernels, as 'dense1.kernel' with anything after it. */
  readonly kernels: readonly string[];
  readonly threads: number;
}

/** Numbers of intermediate values in memory at once. */
const measuredNumbers = 16 * 2 ** 20;

/**
 * The products of the outputs as integers: symmetric around 0, one step for a whole tensor. Jacob et al. (2018), Quantization and Training of
 * Neural Networks for Efficient Integer-Arithmetic-Only Inference, eq. 1 with zero points 0.
 *
 * @throws WorkbenchError `unsupported` that names the layers which have no integer form
 */
export async function inIntegers(
  outputs: TracedStep['info'],
  alone: StandAlone,
  { calibration, range, kernels, threads }: IntegerOptions,
): Promise<ReadonlyMap<Node, IntegerProduct>> {
  const names = Object.keys(alone.given);
  const products = findProducts(Object.values(outputs), new Set(names.map((name) => `batch:${name}`)));
  refuseOthers(products, kernels);

  // A convolution's result becomes integers, a matrix product's stays a float.
  const watched = [...new Set(products.flatMap(({ node, x, product }) => (product.op === 'convolution' ? [x, node] : [x])))];
  const histograms = await observe(watched, alone, calibration, threads);
  const grid = (node: Node) => histograms.get(node)!.grid(range);
  const inputs = Object.fromEntries(names.map((name) => [`batch:${name}`, alone.given[name]!.data]));
  const stepped = products.map((found) => ({
    ...found,
    steps: { x: grid(found.x), ...(found.product.op === 'convolution' && { y: grid(found.node) }) },
  }));
  return new Map(integerProducts(stepped, inputs).map((product) => [product.node, product]));
}

function refuseOthers(products: readonly Product[], kernels: readonly string[]): void {
  const integer = new Set(products.flatMap(({ weights }) => [...weights]));
  const layers = [...new Set(kernels.filter((name) => !integer.has(`batch:${name}`)).map((name) => name.split('.')[0]!))];
  if (layers.length === 0) return;
  throw new WorkbenchError(
    'unsupported',
    `${layers.join(', ')} cannot be computed in 8-bit integers: the weights enter neither a matrix product nor a convolution. Dense and convolution layers can; or keep single precision`,
    { details: { layers } },
  );
}

/** Magnitudes of these nodes over the calibration rows. */
async function observe(
  nodes: readonly Node[],
  alone: StandAlone,
  { rows, x, inputShape }: IntegerOptions['calibration'],
  threads: number,
): Promise<ReadonlyMap<Node, MagnitudeHistogram>> {
  const histograms = new Map(nodes.map((node) => [node, new MagnitudeHistogram()]));
  const { model } = lower(Object.fromEntries(nodes.map((node, i) => [`observed${i}`, node])), 'any', alone);
  const session = await openModel(model, threads);
  try {
    const perRow = nodes.reduce((sum, { shape }) => sum + sizeOf(shape) / alone.rows, 0);
    const width = x.length / rows;
    const chunk = Math.max(1, Math.min(rows, Math.floor(measuredNumbers / perRow)));
    for (let first = 0; first < rows; first += chunk) {
      const here = Math.min(chunk, rows - first);
      const values = await session.run(x.subarray(first * width, (first + here) * width), [here, ...inputShape]);
      nodes.forEach((node, i) => histograms.get(node)!.add(values[`observed${i}`]!));
    }
  } finally {
    await session.close();
  }
  return histograms;
}
