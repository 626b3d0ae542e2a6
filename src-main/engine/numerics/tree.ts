/** @file Trees of named leaves: parameters, optimiser states, whole sampler states. Flat names join the path by '/'. */
import { Tensor } from '@tensorflow/tfjs-core';

export type Tree<Leaf> = { readonly [name: string]: Leaf | Tree<Leaf> };

/** Tensors by parameter name, flat: what a model is applied to and what a draw is. */
export type Params = { readonly [name: string]: Tensor };

/** Leaves of a tree by path, in the order of the keys. A leaf is whatever `isLeaf` says. */
export function flattenTree<Leaf>(tree: Tree<Leaf>, isLeaf: (value: unknown) => value is Leaf, prefix = ''): [path: string, leaf: Leaf][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isLeaf(value) ? [[prefix + name, value] as [string, Leaf]] : flattenTree(value as Tree<Leaf>, isLeaf, `${prefix}${name}/`),
  );
}

/** Inverse of `flattenTree`. */
export function unflattenTree<Leaf>(leaves: Iterable<readonly [path: string, leaf: Leaf]>): Tree<Leaf> {
  const tree: Record<string, unknown> = {};
  for (const [path, leaf] of leaves) {
    const names = path.split('/');
    let node = tree;
    for (const name of names.slice(0, -1)) node = (node[name] ??= {}) as Record<string, unknown>;
    node[names.at(-1)!] = leaf;
  }
  return tree as Tree<Leaf>;
}

/** Applies f to each parameter of `first` and its namesakes in the others. */
export function mapParams<Result>(
  f: (name: string, first: Tensor, ...others: Tensor[]) => Result,
  first: Params,
  ...others: Params[]
): { [name: string]: Result } {
  return Object.fromEntries(Object.entries(first).map(([name, tensor]) => [name, f(name, tensor, ...others.map((params) => params[name]!))]));
}

/** Applies f to each leaf of `first` and its namesakes in the others, which have the same keys. */
export function mapTree<T extends Tree<Tensor>>(f: (first: Tensor, ...others: Tensor[]) => Tensor, first: T, ...others: readonly Tree<Tensor>[]): T {
  const map = (node: Tensor | Tree<Tensor>, ...namesakes: (Tensor | Tree<Tensor>)[]): Tensor | Tree<Tensor> =>
    node instanceof Tensor
      ? f(node, ...(namesakes as Tensor[]))
      : Object.fromEntries(Object.entries(node).map(([name, child]) => [name, map(child, ...(namesakes as Tree<Tensor>[]).map((tree) => tree[name]!))]));
  return map(first, ...others) as T;
}
