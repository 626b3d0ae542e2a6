/**
 * @file Takes the arithmetic on single numbers out of a step for a device on which every operation costs a launch, however small.
 *
 * Before the step the host computes what follows from the schedule's scalars alone. After it the host computes those metrics that follow
 * from single numbers, such as a sum of log densities times a constant; the device tells the sums.
 */
import { is, makeNode, reachable, sizeOf, substitute, type Attributes, type DType, type Node, type OpName, type Shape } from './graph';

/** What the host does for a step. Plain data. */
export interface HostScalars {
  /** Numbers that the device is given as its input 'scalars', in this order; their inputs are 'hyper:name'. */
  readonly given: readonly Node[];
  /** How many numbers the device tells: columns of its input 'log' and output 'next:log' [logRows, told], where the last row is that of this step. */
  readonly told: number;
  /** Metrics of one number by name; their inputs are 'hyper:name' and 'told:i'. */
  readonly info: { readonly [name: string]: Node };
}

/** Steps whose metrics can wait on the device: the log moves up by one row in each. */
export const logRows = 64;

type Graphs = { readonly [name: string]: Node };

const make = <Op extends OpName>(id: number, op: Op, inputs: readonly Node[], attributes: Attributes[Op], shape: Shape, dtype: DType = 'float32'): Node =>
  makeNode(id, op, inputs, attributes, shape, dtype);

const isSingle = (node: Node): boolean => sizeOf(node.shape) === 1;
const isHyper = (node: Node): boolean => is(node, 'input') && node.attributes.name.startsWith('hyper:');
/** Of single numbers alone. */
const isArithmetic = (node: Node): boolean =>
  isSingle(node) && (isHyper(node) || is(node, 'constant') || (node.inputs.length > 0 && node.inputs.every(isSingle) && !is(node, 'gather')));

/** Core as `partition` names its outputs; those of 'info:' that the host can compute are no longer among them. */
export function withHostScalars(core: Graphs): { core: Graphs; scalars: HostScalars } {
  const metrics = Object.entries(core).filter(([name, node]) => name.startsWith('info:') && isSingle(node));
  const others = Object.fromEntries(Object.entries(core).filter(([name]) => !metrics.some(([metric]) => metric === name)));

  const told = new Set<Node>();
  reachable(
    metrics.map(([, node]) => node),
    (node) => (isArithmetic(node) ? node.inputs : (told.add(node), [])),
  );
  const last = Math.max(-1, ...reachable(Object.values(core)).map(({ id }) => id)) + 1; // ids say what is computed first
  const row = [...told].map((node) => make(last + 1, 'reshape', [node.dtype === 'float32' ? node : make(last, 'cast', [node], {}, node.shape)], {}, [1]));
  const device = { ...others, ...(row.length > 0 && { 'next:log': logged(row, last + 2) }) };

  const known = new Set<Node>(); // from the schedule's scalars alone
  for (const node of reachable(Object.values(device))) {
    const isKnown = isHyper(node) || (isArithmetic(node) && node.inputs.some((input) => known.has(input)));
    if (isKnown && node.inputs.every((input) => known.has(input) || is(input, 'constant'))) known.add(node);
  }
  const given = new Set<Node>();
  reachable(Object.values(device), (node) => (known.has(node) ? (given.add(node), []) : node.inputs));

  return {
    core: substitute(device, taken([...given])),
    scalars: {
      given: [...given],
      told: told.size,
      info: substitute(
        Object.fromEntries(metrics.map(([name, node]) => [name.slice('info:'.length), node])),
        new Map([...told].map((node, i) => [node, make(node.id, 'input', [], { name: `told:${i}` }, node.shape, node.dtype)])),
      ),
    },
  };
}

/** The log with a new last row. */
function logged(row: readonly Node[], id: number): Node {
  const columns = row.length;
  const before = make(id, 'slice', [make(-2, 'input', [], { name: 'log' }, [logRows, columns])], { begin: [1, 0] }, [logRows - 1, columns]);
  const values = columns === 1 ? row[0]! : make(id, 'concat', row, { axis: 0 }, [columns]);
  const now = make(id + 1, 'reshape', [values], {}, [1, columns]);
  return make(id + 2, 'concat', [before, now], { axis: 0 }, [logRows, columns]);
}

/** What takes the place of each given number: a piece of the device's input, in the same shape. */
function taken(given: readonly Node[]): Map<Node, Node> {
  const all = make(-4, 'input', [], { name: 'scalars' }, [given.length]);
  return new Map(
    given.map((node, i) => {
      const one = given.length === 1 ? all : make(-3, 'slice', [all], { begin: [i] }, [1]);
      const value = node.dtype === 'float32' ? one : make(-2, 'cast', [one], {}, [1], node.dtype);
      return [node, make(-1, 'reshape', [value], {}, node.shape, node.dtype)];
    }),
  );
}
