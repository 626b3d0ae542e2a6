/** @file What the parts of a fused step must do. */
import { readBy, type Cluster } from '../src-main/engine/compiler/fusion/partition';
import { reachable, sizeOf, type Node } from '../src-main/engine/compiler/graph';
import { products, productsOf, type Work } from '../src-main/engine/compiler/work';

const bytesOf = (nodes: Iterable<Node>): number => 4 * [...nodes].reduce((total, { shape }) => total + sizeOf(shape), 0);
type Graph = { readonly [name: string]: Node };

/** Of fused passes: each buffer that they need is read once and what they store is written once. Noise comes on top. */
export function workOfPasses(clusters: readonly Cluster[]): Work {
  const bytes = clusters.map((cluster) => {
    const read = [...readBy(cluster)].filter((node) => !cluster.buffers.get(node)!.startsWith('noise:'));
    return bytesOf(read) + bytesOf(cluster.stores.map(({ node }) => node));
  });
  return { flops: 0, bytes: bytes.reduce((all, own) => all + own, 0), normals: 0 };
}

/** Of matrix products and convolutions: operands read, results written. */
export function workOfProducts(graph: Graph): Work {
  const done = reachable(Object.values(graph)).filter(({ op }) => products.has(op));
  return { ...productsOf(done), bytes: bytesOf(done.filter(({ op }) => op === 'matMul').flatMap((node) => [node, ...node.inputs])), normals: 0 };
}

/** Of everything else that computes, each operation by itself. */
export function workOfRest(graph: Graph): Work {
  const done = reachable(Object.values(graph)).filter(({ op, inputs }) => inputs.length > 0 && !products.has(op) && !['reshape', 'expand'].includes(op));
  return { flops: 0, bytes: bytesOf(done.flatMap((node) => [node, ...node.inputs])), normals: 0 };
}
