/** @file One compiled step as an ONNX Runtime session over host memory: every input and output is a view, nothing is copied. Passes of the pool go before and after. */
import type { InferenceSession } from 'onnxruntime-node';
import { WorkbenchError } from '../../contract/errors';
import { uncopied } from '../compiler/onnx/model';
import type { HostTensors } from '../numerics/host-tensor';
import type { CompiledStep } from './compiled-step';
import type { Program, ProgramShapes, RunInput } from './device';
import { binding, feedsOf, requireSpec, type Bind, type Feeds, type MakeTensor } from './feeds';
import { allocate, hostState, hostTensor } from './host-state';
import type { Passes } from './pool/passes';

type Outputs = Pick<CompiledStep, 'changed' | 'info'>;

export class OnnxProgram implements Program {
  readonly #session: InferenceSession | undefined;
  readonly #shapes: ProgramShapes;
  readonly #outputs: Outputs;
  readonly #passes: Passes;
  readonly #input: Bind;
  readonly #output: Bind;
  readonly #given: Feeds = {};
  readonly #info: HostTensors;
  readonly #fixed: Feeds = {};

  /** @param session none where the passes do everything. */
  constructor(session: InferenceSession | undefined, shapes: ProgramShapes, outputs: Outputs, passes: Passes, tensor: MakeTensor) {
    this.#session = session;
    this.#shapes = shapes;
    this.#outputs = outputs;
    this.#passes = passes;
    this.#input = binding(session?.inputNames ?? [], tensor);
    this.#output = binding(session?.outputNames ?? [], tensor);
    for (const [name, { data, shape }] of passes.given) this.#input(this.#given, name, data, shape);
    for (const [name, { data, shape }] of passes.wanted) this.#output(this.#fixed, name, data, shape);
    this.#info = Object.fromEntries(Object.entries(outputs.info).map(([name, spec]) => [name, hostTensor(spec, allocate(spec))]));
    for (const [name, { data, shape }] of Object.entries(this.#info)) this.#output(this.#fixed, `info:${name}`, data, shape);
  }

  async run(input: RunInput): Promise<HostTensors> {
    const state = hostState(input.state);
    const fetches: Feeds = { ...this.#fixed };
    for (const path of this.#outputs.changed) {
      const { next, spec } = state.leaf(path);
      this.#output(fetches, `next:${path}`, next, spec.shape);
    }
    const feeds = this.#feeds(input);
    const inputs = { noise: input.noise, hyper: input.hyper ?? {}, leaf: (path: string) => state.leaf(path).current };
    this.#passes.before(inputs);
    try {
      await this.#session?.run(feeds, { ...fetches, [uncopied.output]: null });
    } catch (cause) {
      const done = cause instanceof Error && cause.message === uncopied.message;
      if (!done)
        throw new WorkbenchError('device-failed', `ONNX Runtime could not run a step: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    this.#passes.after(inputs); // which may read what the core has changed, as it was before
    for (const path of this.#outputs.changed) state.leaf(path).swap();
    return this.#info;
  }

  async dispose(): Promise<void> {
    await this.#session?.release();
    this.#passes.dispose();
  }

  #feeds(input: RunInput): Feeds {
    const state = hostState(input.state);
    const feeds = { ...this.#given, ...feedsOf(this.#shapes, input, this.#input) };
    for (const [path, spec] of Object.entries(this.#shapes.state)) {
      const { current } = state.leaf(path);
      requireSpec(path, current, spec);
      this.#input(feeds, `state:${path}`, current, spec.shape);
    }
    return feeds;
  }
}
