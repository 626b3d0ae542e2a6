/** @file One compiled step as an ONNX Runtime session over host memory: every input and output is a view, nothing is copied. Passes of the pool go before and after. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { WorkbenchError } from '../../contract/errors';
import { uncopied } from '../compiler/onnx/model';
import type { HostTensors } from '../numerics/host-tensor';
import type { CompiledStep } from './compiled-step';
import type { Program, ProgramShapes, RunInput } from './device';
import { feedsOf, requireSpec, type Feeds, type MakeTensor } from './feeds';
import { allocate, hostState, hostTensor } from './host-state';
import type { Passes } from './pool/passes';

type Outputs = Pick<CompiledStep, 'changed' | 'info'>;
type Tensors = { readonly [name: string]: Tensor };

export class OnnxProgram implements Program {
  readonly #session: InferenceSession | undefined;
  readonly #shapes: ProgramShapes;
  readonly #outputs: Outputs;
  readonly #passes: Passes;
  readonly #tensor: MakeTensor;
  /** Inputs that the graph has: what does not matter was left out of it. */
  readonly #needed: ReadonlySet<string>;
  readonly #given: Tensors;
  readonly #info: HostTensors;
  readonly #fixed: Tensors;

  /** @param session none where the passes do everything. */
  constructor(session: InferenceSession | undefined, shapes: ProgramShapes, outputs: Outputs, passes: Passes, tensor: MakeTensor) {
    this.#session = session;
    this.#shapes = shapes;
    this.#outputs = outputs;
    this.#passes = passes;
    this.#tensor = tensor;
    this.#needed = new Set(session?.inputNames);
    const shared = (buffers: Passes['given']) => Object.fromEntries([...buffers].map(([name, { data, shape }]) => [name, tensor(data, shape)]));
    this.#given = Object.fromEntries(Object.entries(shared(passes.given)).filter(([name]) => this.#needed.has(name)));
    this.#info = Object.fromEntries(Object.entries(outputs.info).map(([name, spec]) => [name, hostTensor(spec, allocate(spec))]));
    this.#fixed = {
      ...shared(passes.wanted),
      ...Object.fromEntries(Object.entries(this.#info).map(([name, { data, shape }]) => [`info:${name}`, tensor(data, shape)])),
    };
  }

  async run(input: RunInput): Promise<HostTensors> {
    const state = hostState(input.state);
    const next = this.#outputs.changed.map((path) => {
      const { next, spec } = state.leaf(path);
      return [`next:${path}`, this.#tensor(next, spec.shape)] as const;
    });
    const feeds = this.#feeds(input);
    const inputs = { noise: input.noise, hyper: input.hyper ?? {}, leaf: (path: string) => state.leaf(path).current };
    this.#passes.before(inputs);
    try {
      await this.#session?.run(feeds, { ...Object.fromEntries(next), ...this.#fixed, [uncopied.output]: null });
    } catch (cause) {
      const done = cause instanceof Error && cause.message === uncopied.message;
      if (!done)
        throw new WorkbenchError('device-failed', `ONNX Runtime could not run a step: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    for (const path of this.#outputs.changed) state.leaf(path).swap();
    this.#passes.after(inputs);
    return this.#info;
  }

  async dispose(): Promise<void> {
    await this.#session?.release();
    this.#passes.dispose();
  }

  #feeds(input: RunInput): Feeds {
    const state = hostState(input.state);
    const feeds = { ...this.#given, ...feedsOf(this.#shapes, input, this.#needed, this.#tensor) };
    for (const [path, spec] of Object.entries(this.#shapes.state)) {
      const { current } = state.leaf(path);
      requireSpec(path, current, spec);
      if (this.#needed.has(`state:${path}`)) feeds[`state:${path}`] = this.#tensor(current, spec.shape);
    }
    return feeds;
  }
}
