/** @file How much memory a graph takes while it is computed. */
import { is, sizeOf, type Node } from './graph';

const bytesOf = (node: Node): number => sizeOf(node.shape) * (node.dtype === 'bool' ? 1 : 4);

/** What needs no memory of its own: fed, constant, or another view of its input. */
const isFree = (node: Node): boolean => is(node, 'input') || is(node, 'constant') || is(node, 'reshape');

/** Every node after its inputs, each output with all that it needs before the next: about the order in which ONNX Runtime goes. */
function depthFirst(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (const output of outputs) {
    if (seen.has(output)) continue;
    const path = [{ node: output, next: 0 }];
    seen.add(output);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (!input) order.push(path.pop()!.node);
      else if (!seen.has(input)) {
        seen.add(input);
        path.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/**
 * Largest number of bytes alive at once when the nodes are computed in their order and each value goes after its last use.
 * Outputs stay to the end; elementwise results overwrite an operand of the same size that nobody else needs.
 */
export function peakBytes(outputs: readonly Node[]): number {
  const nodes = depthFirst(outputs);
  const holder = new Map<Node, Node>(); // whose memory a node's value lies in
  const users = new Map<Node, number>();
  for (const node of nodes) {
    const source = is(node, 'reshape') ? holder.get(node.inputs[0]!)! : node;
    holder.set(node, source);
    for (const input of node.inputs) users.set(holder.get(input)!, (users.get(holder.get(input)!) ?? 0) + 1);
  }
  for (const output of outputs) users.set(holder.get(output)!, Infinity);
  let alive = 0;
  let peak = 0;
  for (const node of nodes) {
    if (!isFree(node)) alive += bytesOf(node);
    peak = Math.max(peak, alive);
    for (const input of node.inputs) {
      const source = holder.get(input)!;
      const left = users.get(source)! - 1;
      users.set(source, left);
      if (left === 0 && !isFree(source)) alive -= bytesOf(source);
    }
  }
  return peak;
}
