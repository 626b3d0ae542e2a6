/** @file A step compiled for ONNX Runtime and the pool as plain data: all that tracing, splitting and lowering find out. */
import { deserialize, serialize } from 'node:v8';
import { peakBytes } from '../compiler/footprint';
import { partition, unfused } from '../compiler/fusion/partition';
import { unfusedPasses } from '../compiler/fusion/unfused';
import { withHostScalars, type HostScalars } from '../compiler/host-scalars';
import { membersApart, tensorOf } from '../compiler/members-apart';
import type { Provider } from '../compiler/onnx/emitter';
import { lower } from '../compiler/onnx/lower';
import { fromResidentRows } from '../compiler/resident-rows';
import { trace } from '../compiler/trace';
import { sizeOf, type TensorSpec, type TensorSpecs } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { ProgramShapes } from './device';
import type { ProgramStore } from './program-store';
import { planPasses, type PassPlan } from './pool/pass-plan';

export interface CompiledStep {
  /** The core as an ONNX model; null where the passes do everything. */
  readonly model: Uint8Array | null;
  /** Paths of the state's leaves that the core changes. */
  readonly changed: readonly string[];
  readonly info: TensorSpecs;
  readonly passes: PassPlan;
  /** What the host computes of single numbers, where a device leaves it to the host. */
  readonly scalars?: HostScalars;
  /** What the run's log should say of it. */
  readonly notes: readonly string[];
  /** Of a program's memory: shared areas and second copies of leaves, and what ONNX Runtime has for itself. Bytes. */
  readonly shared: number;
  readonly own: number;
}

export interface CompileOptions {
  readonly fusion: boolean;
  /** 'cpu' if left out. */
  readonly provider?: Provider;
}

/** @throws WorkbenchError `unsupported` if an operation of the step cannot be compiled. */
export function compileStep<S extends State>(step: Step<S>, shapes: ProgramShapes, { fusion, provider = 'cpu' }: CompileOptions): CompiledStep {
  const traced = trace(step, shapes);
  const parts = (fusion ? partition : unfused)(traced);
  const { core, scalars } =
    provider === 'webgpu' ? withHostScalars(fromResidentRows(parts.core, shapes.resident ?? {})) : { core: membersApart(parts.core), scalars: undefined };
  const { model, inputs } = lower(core, provider);
  const passes = planPasses(parts, traced.noise, new Set(inputs.map(({ name }) => tensorOf(name).tensor)));
  const changed = Object.keys(traced.state).filter((path) => !parts.inPlace.has(path));
  const given = Object.entries(parts.core).filter(([name]) => !name.startsWith('info:')); // memory that the core is given for its outputs
  return {
    model: Object.keys(parts.core).length > 0 ? model : null,
    changed,
    // No output is boolean: tracing makes them int32.
    info: Object.fromEntries(Object.entries(traced.info).map(([name, { dtype, shape }]) => [name, { dtype: dtype as TensorSpec['dtype'], shape }])),
    passes,
    ...(scalars && { scalars }),
    notes: fusion ? unfusedPasses(parts.core) : provider === 'webgpu' ? [] : ['ONNX Runtime does the whole step by itself: fused passes are switched off'],
    shared: bytesOf([...passes.given, ...passes.wanted, ...changed.map((path) => traced.state[path]!)]),
    own: arenaShare * Math.max(0, peakBytes(Object.values(parts.core)) - bytesOf(given.map(([, node]) => node))),
  };
}

/** ONNX Runtime's arena grows by doubling: measured 1.8 to 2.4 times the peak of its values, for dense and convolutional steps of 60 to 900 MB. */
const arenaShare = 2.4;

const bytesOf = (tensors: readonly { readonly shape: readonly number[] }[]): number => tensors.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);

/** The step from the store, if it was compiled there before for the same engine; `identity` as in `Device.compile`. */
export async function compileOnce<S extends State>(
  step: Step<S>,
  shapes: ProgramShapes,
  {
    programs,
    identity,
    engine,
    ...options
  }: CompileOptions & { readonly programs: ProgramStore | undefined; readonly identity: string | undefined; readonly engine: string },
): Promise<CompiledStep> {
  if (!programs || identity === undefined) return compileStep(step, shapes, options);
  const key = JSON.stringify([identity, shapes, engine, options]);
  const known = await programs.get(key);
  if (known) return decodeStep(known);
  const compiled = compileStep(step, shapes, options);
  await programs.put(key, encodeStep(compiled));
  return compiled;
}

/** Structured clone: keeps NaN, −0 and nodes that are used twice. */
export const encodeStep = (compiled: CompiledStep): Uint8Array => serialize(compiled);

/** Of bytes that `encodeStep` of the same build has made. */
export const decodeStep = (bytes: Uint8Array): CompiledStep => deserialize(bytes) as CompiledStep;
