/** @file What a partition left in the core although it could be done before or after it, and why: for the run's log. */
import { arithmeticOps, comparisonOps, is, reachable, sizeOf, unaryOps, type Node, type OpName } from '../graph';
import { fusedRules } from './rules';

const elementwise: ReadonlySet<OpName> = new Set<OpName>([...unaryOps, ...arithmeticOps, ...comparisonOps, 'select', 'cast']);
/** Values of a tensor from which on a pass by ONNX Runtime shows in the time of a step. */
const large = 65_536;

/** Whether this operation can be part of no pass, and why not. */
function obstacle(node: Node): string | undefined {
  if (!(node.op in fusedRules)) return `${node.op} has no kernel of its own`;
  const broadcasts = node.inputs.find(({ shape }) => sizeOf(shape) !== 1 && sizeOf(shape) !== sizeOf(node.shape));
  if (broadcasts) return `${node.op} spreads [${broadcasts.shape.join(', ')}] over [${node.shape.join(', ')}]`;
  return node.inputs.some(({ dtype }) => dtype === 'int32') ? `${node.op} is of integers` : undefined;
}

/** Of a core's graph: one sentence for each reason, none where everything is fused that can be. */
export function unfusedPasses(core: { readonly [name: string]: Node }): string[] {
  const nodes = reachable(Object.values(core));
  const early = new Set<Node>(); // follows from state and noise alone
  for (const node of nodes) {
    const own = is(node, 'input') && !node.attributes.name.startsWith('batch:');
    if (own || is(node, 'constant') || (node.inputs.length > 0 && node.inputs.every((input) => early.has(input)))) early.add(node);
  }
  const late = new Set<Node>(Object.entries(core).flatMap(([name, node]) => (name.startsWith('next:') ? [node] : []))); // only the new state needs it
  const needed = new Map<Node, Node[]>();
  for (const node of nodes) for (const input of node.inputs) needed.set(input, [...(needed.get(input) ?? []), node]);
  for (const node of [...nodes].reverse()) {
    const users = needed.get(node);
    if (users?.every((user) => late.has(user) && elementwise.has(user.op))) late.add(node);
  }
  const values = new Map<string, number>();
  for (const node of nodes) {
    const size = sizeOf(node.shape);
    const reason = obstacle(node) ?? (early.has(node) ? 'a sum over a whole tensor comes first' : undefined);
    if (size >= large && elementwise.has(node.op) && (early.has(node) || late.has(node)) && reason) values.set(reason, (values.get(reason) ?? 0) + size);
  }
  return [...values].map(([reason, size]) => `ONNX Runtime passes over ${(size / 1e6).toFixed(1)} million values by itself in each step: ${reason}`);
}
