/**
 * @file Large products of a few members, such as the networks of an ensemble, made one by one.
 *
 * ONNX Runtime gives each product of a batch to one thread: of five products two threads do three and two, while each product by itself
 * is shared among all threads. Members that lie in memory are views of it, and large values between products stay apart.
 */
import {
  arithmeticOps,
  comparisonOps,
  is,
  makeNode,
  reachable,
  reductionOps,
  sizeOf,
  unaryOps,
  type Attributes,
  type Node,
  type OpName,
  type Shape,
} from './graph';

type Graphs = { readonly [name: string]: Node };

/** Each has operations of its own; of more members threads get even shares anyhow. */
const mostMembers = 16;
/** What is worth an operation for each member: so many multiplications of its product, or so many values that are not put beside the others'. */
const large = { product: 2 ** 20, tensor: 2 ** 14 };

/** Name of the input or output that is one member of a tensor: entry `index` of its first axis. */
const memberName = (tensor: string, index: number, members: number): string => `${tensor}[${index}/${members}]`;

/** What an input or output of a graph is of: all of the tensor, or the member `index` of `members`. */
export function tensorOf(port: string): { readonly tensor: string; readonly index: number; readonly members: number } {
  const [, tensor, index, members] = /^(.*)\[(\d+)\/(\d+)\]$/.exec(port) ?? [];
  return tensor === undefined ? { tensor: port, index: 0, members: 1 } : { tensor, index: Number(index), members: Number(members) };
}

const elementwise: ReadonlySet<OpName> = new Set<OpName>([...unaryOps, ...arithmeticOps, ...comparisonOps, 'select', 'cast']);
const reductions: ReadonlySet<OpName> = new Set<OpName>(reductionOps);
const axesOf = (node: Node): readonly number[] => (node.attributes as Attributes['reduceSum']).axes;
const countOf = ({ shape }: Node): number => shape[0] ?? 1;
const ownSize = (node: Node): number => sizeOf(node.shape) / countOf(node);
/** Multiplications of one member's product. */
const multiplications = (node: Node<'matMul'>): number => ownSize(node) * node.inputs[0]!.shape.at(node.attributes.transposeA ? -2 : -1)!;

/** Nodes that are computed member by member. */
function separable(nodes: readonly Node[], { product, tensor }: typeof large): ReadonlySet<Node> {
  const found = new Set<Node>();
  const isApart = (node: Node): boolean => {
    const members = countOf(node);
    if (members < 2 || members > mostMembers) return false;
    const follows = node.inputs.some((input) => found.has(input) && countOf(input) === members && ownSize(input) >= tensor);
    if (is(node, 'matMul')) return node.shape.length === 3 && (follows || multiplications(node) >= product);
    return follows && (is(node, 'reshape') || reductions.has(node.op) || (elementwise.has(node.op) && ownSize(node) >= tensor));
  };
  for (const node of nodes) if (isApart(node)) found.add(node);
  return found;
}

/** The same graphs; inputs and outputs may have become several, of one member each. 'info:' stays as it is. */
export function membersApart(graphs: Graphs, worthwhile = large): Graphs {
  const nodes = reachable(Object.values(graphs));
  const apart = separable(nodes, worthwhile);
  if (apart.size === 0) return graphs;

  let id = 0;
  const make = <Op extends OpName>(op: Op, inputs: readonly Node[], attributes: Attributes[Op], { dtype }: Node, shape: Shape): Node =>
    makeNode(id++, op, inputs, attributes, shape, dtype);
  const reshaped = (node: Node, shape: Shape): Node => make('reshape', [node], {}, node, shape);
  const remembered = <Value>(make: (node: Node) => Value): ((node: Node) => Value) => {
    const known = new Map<Node, Value>();
    return (node) => {
      const value = known.get(node) ?? make(node);
      known.set(node, value);
      return value;
    };
  };

  const whole = remembered((node): Node => {
    if (!apart.has(node)) return make(node.op, node.inputs.map(whole), node.attributes, node, node.shape);
    const parts = members(node).map((own) => reshaped(own, [1, ...own.shape]));
    return make('concat', parts, { axis: 0 }, node, node.shape);
  });
  /** Of all members; the leading axis of one is left out. */
  const common = remembered((node): Node => reshaped(whole(node), node.shape.slice(1)));
  const members = remembered((node): readonly Node[] => {
    const [count, ...own] = node.shape as [number, ...number[]];
    const each = (one: (index: number) => Node): Node[] => Array.from({ length: count }, (_, index) => one(index));
    if (is(node, 'input')) return each((index) => make('input', [], { name: memberName(node.attributes.name, index, count) }, node, own));
    if (is(node, 'reshape') && countOf(node.inputs[0]!) === count) return members(node.inputs[0]!).map((member) => reshaped(member, own));
    if (!apart.has(node))
      return each((index) => reshaped(make('slice', [whole(node)], { begin: node.shape.map((_, axis) => (axis === 0 ? index : 0)) }, node, [1, ...own]), own));
    const rank = node.shape.length;
    const attributes = reductions.has(node.op) ? { axes: axesOf(node).map((axis) => axis - 1) } : node.attributes;
    const operand = (input: Node, index: number): Node => {
      if (input.shape.length < rank) return whole(input);
      return countOf(input) === 1 ? common(input) : members(input)[index]!;
    };
    return each((index) =>
      make(
        node.op,
        node.inputs.map((input) => operand(input, index)),
        attributes,
        node,
        own,
      ),
    );
  });

  for (const node of nodes) (apart.has(node) ? members : whole)(node);
  return Object.fromEntries(
    Object.entries(graphs).flatMap(([name, node]): [string, Node][] =>
      apart.has(node) && !name.startsWith('info:') ? members(node).map((own, i, all) => [memberName(name, i, all.length), own]) : [[name, whole(node)]],
    ),
  );
}
