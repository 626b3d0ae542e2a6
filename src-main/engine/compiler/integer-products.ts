/** @file Finds the products of a traced network that 8-bit integers can compute: what the rows make times what the weights alone make. */
import { evaluate } from './evaluate';
import { is, reachable, sizeOf, type Node } from './graph';
import { stepOf, toIntegers, type Grid } from './value-range';

/** x W + b or w ∗ x + b in a graph. */
export interface Product {
  /** Computes it, offset included. */
  readonly node: Node;
  readonly product: Node<'matMul'> | Node<'convolution'>;
  readonly x: Node;
  readonly weight: Node;
  readonly bias?: Node;
  /** Inputs of the graph that the weight is made of. */
  readonly weights: ReadonlySet<string>;
}

/** The integers that stand for x and, where the result becomes integers too, y. */
export interface ProductSteps {
  readonly x: Grid;
  readonly y?: Grid;
}

/** A product with everything that its integer form is made of. Offsets have the step of x times that of the weight. */
export interface IntegerProduct extends Product {
  readonly steps: ProductSteps & { readonly weight: number };
  readonly integers: { readonly weight: Int8Array; readonly bias?: Int32Array };
}

const inputName = (node: Node<'input'>): string => node.attributes.name;

/** Of the products of these outputs, those whose second factor is made of the inputs of the given names alone. */
export function findProducts(outputs: readonly Node[], given: ReadonlySet<string>): readonly Product[] {
  const nodes = reachable(outputs);
  const users = new Map<Node, Node[]>();
  for (const node of nodes) for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  const fixed = new Set<Node>();
  for (const node of nodes)
    if (is(node, 'constant') || (is(node, 'input') ? given.has(inputName(node)) : node.inputs.every((input) => fixed.has(input)))) fixed.add(node);

  return nodes.flatMap((product): Product[] => {
    if (!is(product, 'matMul') && !is(product, 'convolution')) return [];
    const [x, weight, bias] = product.inputs;
    if (fixed.has(x!) || !fixed.has(weight!) || (bias && !fixed.has(bias))) return [];
    if (is(product, 'matMul') && (product.shape.length !== 2 || weight!.shape.length !== 2 || product.attributes.transposeA)) return [];
    const weights = new Set(reachable([weight!]).flatMap((node) => (is(node, 'input') ? [inputName(node)] : [])));
    const common = { product, x: x!, weight: weight!, weights };
    const [user, ...others] = users.get(product) ?? [];
    const offset = user && others.length === 0 && is(user, 'add') && !outputs.includes(product) ? user.inputs.find((input) => fixed.has(input)) : undefined;
    if (is(product, 'matMul') && offset && sizeOf(offset.shape) === product.shape[1]) return [{ ...common, node: user!, bias: offset }];
    return [{ ...common, node: product, ...(bias && { bias }) }];
  });
}

/** The products with their weights as integers, each weight once. `inputs` are the values of the graph's inputs that they are made of. */
export function integerProducts(
  products: readonly (Product & { readonly steps: ProductSteps })[],
  inputs: { readonly [name: string]: ArrayLike<number> },
): readonly IntegerProduct[] {
  const known = new Map<Node, { readonly step: number; readonly integers: Int8Array }>();
  const weightOf = (node: Node) => {
    const values = evaluate([node], inputs)[0]!;
    const step = stepOf(values.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0));
    return { step, integers: Int8Array.from(toIntegers(values, step)) };
  };
  return products.map((product) => {
    const weight = known.get(product.weight) ?? weightOf(product.weight);
    known.set(product.weight, weight);
    const bias = product.bias && toIntegers(evaluate([product.bias], inputs)[0]!, product.steps.x.step * weight.step, 2 ** 31 - 1);
    return { ...product, steps: { ...product.steps, weight: weight.step }, integers: { weight: weight.integers, ...(bias && { bias }) } };
  });
}
