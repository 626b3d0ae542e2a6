/** @file A step compiled for ONNX Runtime and the pool as plain data: all that tracing, splitting and lowering find out. */
import { deserialize, serialize } from 'node:v8';
import { partition, unfused } from '../compiler/fusion/partition';
import { lower } from '../compiler/onnx/lower';
import { trace } from '../compiler/trace';
import type { TensorSpec, TensorSpecs } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { ProgramShapes } from './device';
import { planPasses, type PassPlan } from './pool/pass-plan';

export interface CompiledStep {
  /** The core as an ONNX model; null where the passes do everything. */
  readonly model: Uint8Array | null;
  /** Paths of the state's leaves that the core changes. */
  readonly changed: readonly string[];
  readonly info: TensorSpecs;
  readonly passes: PassPlan;
}

/** @throws WorkbenchError `unsupported` if an operation of the step cannot be compiled. */
export function compileStep<S extends State>(step: Step<S>, shapes: ProgramShapes, { fusion }: { readonly fusion: boolean }): CompiledStep {
  const traced = trace(step, shapes);
  const parts = (fusion ? partition : unfused)(traced);
  const { model, inputs } = lower(parts.core);
  return {
    model: Object.keys(parts.core).length > 0 ? model : null,
    changed: Object.keys(traced.state).filter((path) => !parts.inPlace.has(path)),
    // No output is boolean: tracing makes them int32.
    info: Object.fromEntries(Object.entries(traced.info).map(([name, { dtype, shape }]) => [name, { dtype: dtype as TensorSpec['dtype'], shape }])),
    passes: planPasses(parts, traced.noise, new Set(inputs.map(({ name }) => name))),
  };
}

/** Structured clone: keeps NaN, −0 and nodes that are used twice. */
export const encodeStep = (compiled: CompiledStep): Uint8Array => serialize(compiled);

/** Of bytes that `encodeStep` of the same build has made. */
export const decodeStep = (bytes: Uint8Array): CompiledStep => deserialize(bytes) as CompiledStep;
