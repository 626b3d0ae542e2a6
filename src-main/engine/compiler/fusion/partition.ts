/**
 * @file Splits a traced step in three: elementwise passes over large tensors before everything else, the core, and passes after it.
 *
 * Before: what follows from state, noise and scalars alone, such as drawing weights. After: what nothing else needs, such as the
 * optimiser's update. Whatever has no fused rule stays in the core, as does everything small.
 */
import { is, reachable, sizeOf, substitute, type Node } from '../graph';
import type { TracedStep } from '../trace';
import { fusedRules, transcendental } from './rules';

/** One pass over all tensors of one size. */
export interface Cluster {
  /** Elements of each tensor. */
  readonly size: number;
  /** Nodes that lie in memory already, with the names of their buffers. */
  readonly buffers: ReadonlyMap<Node, string>;
  /** What it writes, and where to: a buffer may be read and written. */
  readonly stores: readonly { readonly node: Node; readonly buffer: string }[];
  /** Sums over all elements. */
  readonly sums: readonly Node[];
}

export interface Partition {
  readonly before: readonly Cluster[];
  readonly after: readonly Cluster[];
  /** The core: outputs named 'next:path', 'info:name' and 'core:id'; inputs as traced, and 'fused:id'. */
  readonly core: { readonly [name: string]: Node };
  /** Scalars that follow from hyper alone. Others that `after` uses are outputs of the core. */
  readonly hostScalars: ReadonlySet<Node>;
  /** Leaves of the state that `after` updates in place. */
  readonly inPlace: ReadonlySet<string>;
}

/** What a pass reads from memory. */
export function readBy({ stores, sums, buffers }: Cluster): ReadonlySet<Node> {
  const read = new Set<Node>();
  walk([...stores.map(({ node }) => node), ...sums], (node) => {
    if (isScalar(node) && !sums.includes(node)) return [];
    if (!buffers.has(node)) return node.inputs;
    read.add(node);
    return [];
  });
  return read;
}

/** Everything in the core. */
export const unfused = ({ state, info }: Pick<TracedStep, 'state' | 'info'>): Partition => ({
  before: [],
  after: [],
  core: Object.fromEntries([
    ...Object.entries(state).map(([path, node]) => [`next:${path}`, node]),
    ...Object.entries(info).map(([name, node]) => [`info:${name}`, node]),
  ]) as Partition['core'],
  hostScalars: new Set(),
  inPlace: new Set(),
});

/** Smaller tensors are not worth a pass of their own: it saves little time in each step, and compiling takes longer with each size. */
const worthwhile = 512;

export const bufferName = (node: Node): string => (is(node, 'input') ? node.attributes.name : `fused:${node.id}`);

const isScalar = (node: Node): boolean => sizeOf(node.shape) === 1;
const comparisons: ReadonlySet<string> = new Set(['equal', 'less', 'lessEqual', 'greater', 'greaterEqual']);

function fusable(node: Node): boolean {
  const size = sizeOf(node.shape);
  return (
    size >= worthwhile &&
    node.op in fusedRules &&
    node.dtype !== 'int32' &&
    node.inputs.every(
      (input) =>
        (isScalar(input) || sizeOf(input.shape) === size) &&
        (input.dtype === 'float32' || (input.dtype === 'bool' && fusable(input) && !comparisons.has(node.op))),
    )
  );
}

const isMemory = (node: Node): boolean => is(node, 'input') && node.dtype === 'float32' && !isScalar(node) && /^(state|noise):/.test(node.attributes.name);
const isTotal = (node: Node): boolean => is(node, 'reduceSum') && isScalar(node);

export function partition({ state, info }: Pick<TracedStep, 'state' | 'info'>): Partition {
  const changed = Object.entries(state);
  const nodes = reachable([...Object.values(state), ...Object.values(info)]);
  const users = new Map(nodes.map((node): [Node, Node[]] => [node, []]));
  for (const node of nodes) for (const input of node.inputs) users.get(input)!.push(node);

  const elementwise = new Set(nodes.filter(fusable));
  const hostScalars = new Set<Node>();
  const early = new Set<Node>(); // known before the core runs
  for (const node of nodes) {
    const leaf = is(node, 'constant') || (is(node, 'input') && node.attributes.name.startsWith('hyper:'));
    if (isScalar(node) && (leaf || (node.inputs.length > 0 && node.inputs.every((input) => hostScalars.has(input))))) hostScalars.add(node);
    const known = (input: Node) => hostScalars.has(input) || isMemory(input) || (early.has(input) && !isTotal(input));
    if ((elementwise.has(node) || (isTotal(node) && sizeOf(node.inputs[0]!.shape) >= worthwhile)) && node.inputs.every(known)) early.add(node);
  }
  const targets = new Set(Object.values(state));
  const reported = new Set(Object.values(info));
  const late = new Set<Node>(); // after the core only the new state needs it
  for (const node of [...nodes].reverse()) {
    const own = users.get(node)!;
    const needed = targets.has(node) || own.some((user) => late.has(user));
    if (needed && elementwise.has(node) && !reported.has(node) && own.every((user) => late.has(user) || early.has(user))) late.add(node);
  }
  const updates = changed.filter(([, node]) => late.has(node) && node.dtype === 'float32');

  // What the core must compute, and what it must be given.
  const roots: Record<string, Node> = {};
  for (const [path, node] of changed) if (!updates.some(([updated]) => updated === path)) roots[`next:${path}`] = node;
  for (const [name, node] of Object.entries(info)) roots[`info:${name}`] = node;
  const isRecomputed = (node: Node) => elementwise.has(node) && (late.has(node) || early.has(node) || node.dtype === 'bool');
  const updated = updates.map(([, node]) => node);
  walk(updated, (node) => {
    if (isRecomputed(node)) return node.inputs;
    if (!hostScalars.has(node) && !isMemory(node)) roots[`core:${node.id}`] = node;
    return [];
  });
  const given = new Set<Node>();
  walk(Object.values(roots), (node) => {
    if (!early.has(node) || node.dtype !== 'float32') return node.inputs;
    given.add(node);
    return [];
  });

  // What is dear to compute and computed before anyhow is kept for after.
  const computed = new Set<Node>();
  walk([...given], (node) => (early.has(node) ? (computed.add(node), node.inputs) : []));
  const kept = new Set<Node>();
  walk(updated, (node) => {
    if (!isRecomputed(node) || given.has(node)) return [];
    if (!computed.has(node) || !transcendental.has(node.op)) return node.inputs;
    kept.add(node);
    return [];
  });

  const memory = new Map(nodes.filter(isMemory).map((node) => [node, bufferName(node)] as const));
  const sums = [...given].filter(isTotal);
  const written = [...new Set([...given, ...kept])].filter((node) => !isTotal(node)).map((node) => ({ node, buffer: bufferName(node) }));
  const available = new Map([...memory, ...written.map(({ node, buffer }) => [node, buffer] as const)]);
  for (const [name, node] of Object.entries(roots)) if (name.startsWith('core:') && !isScalar(node)) available.set(node, name);
  return {
    before: clusters(written, sums, memory),
    after: clusters(
      updates.map(([path, node]) => ({ node, buffer: `state:${path}` })),
      [],
      available,
    ),
    core: substitute(roots, new Map([...given].map((node) => [node, { ...node, op: 'input', inputs: [], attributes: { name: bufferName(node) } }]))),
    hostScalars,
    inPlace: new Set(updates.map(([path]) => path)),
  };
}

/** Visits each node once, from the given ones on to whatever `next` names. */
function walk(start: readonly Node[], next: (node: Node) => readonly Node[]): void {
  const seen = new Set<Node>();
  const pending = [...start];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...next(node));
  }
}

function clusters(stores: Cluster['stores'], sums: readonly Node[], buffers: Cluster['buffers']): Cluster[] {
  const sizes = new Set([...stores.map(({ node }) => sizeOf(node.shape)), ...sums.map(({ inputs: [x] }) => sizeOf(x!.shape))]);
  return [...sizes].map((size) => ({
    size,
    buffers,
    stores: stores.filter(({ node }) => sizeOf(node.shape) === size),
    sums: sums.filter(({ inputs: [x] }) => sizeOf(x!.shape) === size),
  }));
}
