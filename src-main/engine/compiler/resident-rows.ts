/** @file A step that reads its minibatch from rows which lie on the device. */
import type { TensorSpecs } from '../numerics/host-tensor';
import { is, makeNode, reachable, substitute, type Node } from './graph';

/**
 * The graphs with 'batch:name' taken from 'rows:name' [rows, …], by the numbers in 'rows' (int32), for each resident name.
 * The numbers have the batch's leading axes: [batch], or [members, batch].
 */
export function fromResidentRows(graphs: { readonly [name: string]: Node }, resident: TensorSpecs): { readonly [name: string]: Node } {
  const replacements = new Map<Node, Node>();
  let numbers: Node | undefined;
  for (const node of reachable(Object.values(graphs))) {
    const name = is(node, 'input') && node.attributes.name.startsWith('batch:') ? node.attributes.name.slice('batch:'.length) : undefined;
    const rows = name === undefined ? undefined : resident[name];
    if (!rows) continue;
    numbers ??= makeNode(-2, 'input', [], { name: 'rows' }, node.shape.slice(0, node.shape.length - rows.shape.length + 1), 'int32');
    const all = makeNode(-2, 'input', [], { name: `rows:${name}` }, rows.shape, rows.dtype);
    replacements.set(node, makeNode(-1, 'gather', [all, numbers], { axis: 0 }, node.shape, node.dtype));
  }
  return substitute(graphs, replacements);
}
