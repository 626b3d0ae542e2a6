/** @file A compiled step on the GPU: it reads and leaves the state there, and its metrics until they are asked for. */
import type * as OnnxRuntime from 'onnxruntime-node';
import { invariant, WorkbenchError } from '../../contract/errors';
import { evaluate } from '../compiler/evaluate';
import { logRows, type HostScalars } from '../compiler/host-scalars';
import type { HostTensor, HostTensors } from '../numerics/host-tensor';
import type { CompiledStep } from './compiled-step';
import type { ProgramShapes, RunInput } from './device';
import { binding, feedsOf, type Bind, type Feeds } from './feeds';
import { GpuRows, gpuState, type Transfer } from './gpu-state';
import { hostTensor } from './host-state';
import type { Passes } from './pool/passes';

/** Without the place in ONNX Runtime's sources that it begins with. */
export const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().replace(/^\/onnxruntime_src\/.* was false\. /s, '');

type Hyper = NonNullable<RunInput['hyper']>;

export class GpuProgram {
  readonly #needed: ReadonlySet<string>;
  readonly #bind: Bind;
  readonly #noise: Feeds;
  readonly #shapes: ProgramShapes;
  readonly #scalars: HostScalars;
  /** Metrics of the last steps, on the GPU. */
  #log: OnnxRuntime.Tensor | undefined;
  /** The schedule's scalars of the launches whose metrics wait there. */
  readonly #waiting: Hyper[] = [];

  constructor(
    private readonly session: OnnxRuntime.InferenceSession,
    shapes: ProgramShapes,
    private readonly compiled: CompiledStep,
    private readonly passes: Passes,
    private readonly transfer: Transfer,
  ) {
    this.#needed = new Set(session.inputNames);
    this.#bind = binding(session.inputNames, transfer.tensor);
    this.#noise = Object.fromEntries([...passes.given].map(([name, { data, shape }]) => [name, transfer.tensor(data, shape)]));
    const fed = Object.entries(shapes.batch ?? {}).filter(([name]) => !shapes.resident?.[name]);
    this.#shapes = { ...shapes, batch: Object.fromEntries(fed) };
    invariant(compiled.scalars, 'a step for the GPU leaves single numbers to the host');
    this.#scalars = compiled.scalars;
    if (this.#scalars.told > 0) this.#log = transfer.tensor(new Float32Array(logRows * this.#scalars.told), [logRows, this.#scalars.told]);
  }

  /** Whether all metrics can wait on the GPU. */
  get canLaunch(): boolean {
    return this.#log !== undefined && Object.keys(this.compiled.info).every((name) => name in this.#scalars.info);
  }

  async run(input: RunInput): Promise<HostTensors> {
    invariant(this.#waiting.length === 0, 'the metrics of launched steps must be collected before another way of running');
    const results = await this.#compute(input);
    const told = (await this.collect()).at(-1);
    return Object.fromEntries(
      Object.entries(this.compiled.info).map(([name, spec]) => [name, told?.[name] ?? ({ ...spec, data: results[`info:${name}`]!.data } as HostTensor)]),
    );
  }

  async launch(input: RunInput): Promise<void> {
    invariant(this.#waiting.length < logRows, 'the metrics of earlier steps must be collected before more steps are launched');
    await this.#compute(input);
  }

  async collect(): Promise<HostTensors[]> {
    const waiting = this.#waiting.splice(0);
    const { told } = this.#scalars;
    const log = this.#log && waiting.length > 0 ? await guarded(() => this.transfer.toHost(this.#log!)) : new Float32Array();
    return waiting.map((hyper, i) => {
      const start = log.length - (waiting.length - i) * told;
      return this.#metrics(hyper, log.subarray(start, start + told));
    });
  }

  async dispose(): Promise<void> {
    this.#log?.dispose();
    await this.session.release();
    this.passes.dispose();
  }

  async #compute(input: RunInput): Promise<Record<string, OnnxRuntime.Tensor>> {
    const state = gpuState(input.state);
    const feeds = { ...this.#noise, ...feedsOf(this.#shapes, input, this.#bind), ...this.#numbers(input) };
    this.passes.before({ noise: input.noise, hyper: input.hyper ?? {}, leaf: () => ({ byteOffset: 0 }) }); // draws alone: no pass reads the state
    return guarded(async () => {
      for (const path of Object.keys(this.#shapes.state)) {
        const name = `state:${path}`;
        if (this.#needed.has(name)) feeds[name] = await state.resident(path);
      }
      const results = await this.session.run(feeds);
      for (const path of this.compiled.changed) state.replace(path, results[`next:${path}`]!);
      if (this.#log) {
        this.#log.dispose();
        this.#log = results['next:log']!;
      }
      this.#waiting.push(input.hyper ?? {});
      return results as Record<string, OnnxRuntime.Tensor>;
    });
  }

  /** The log, the scalars computed here, and which rows are the batch. */
  #numbers({ resident, hyper = {} }: RunInput): Feeds {
    const feeds: Feeds = {};
    const { given } = this.#scalars;
    if (this.#log) feeds['log'] = this.#log;
    if (given.length > 0)
      feeds['scalars'] = this.transfer.tensor(
        Float32Array.from(evaluate(given, named(hyper)), ([value]) => value!),
        [given.length],
      );
    const specs = this.#shapes.resident;
    if (!specs) return feeds;
    invariant(resident?.rows instanceof GpuRows, 'a program for resident rows runs with rows kept on its own device');
    const { rows, numbers } = resident;
    for (const name of Object.keys(specs)) if (this.#needed.has(`rows:${name}`)) feeds[`rows:${name}`] = rows.tensor(name, specs[name]!);
    if (this.#needed.has('rows')) feeds['rows'] = this.transfer.tensor(numbers.data, numbers.shape);
    return feeds;
  }

  #metrics(hyper: Hyper, told: HostTensor['data']): HostTensors {
    const names = Object.keys(this.#scalars.info);
    const inputs = { ...named(hyper), ...Object.fromEntries([...told].map((value, i) => [`told:${i}`, [value]])) };
    const values = evaluate(Object.values(this.#scalars.info), inputs);
    return Object.fromEntries(
      names.map((name, i) => {
        const spec = this.compiled.info[name]!;
        return [name, hostTensor(spec, spec.dtype === 'float32' ? Float32Array.from(values[i]!) : Int32Array.from(values[i]!))];
      }),
    );
  }
}

const named = (hyper: Hyper): { [name: string]: number[] } => Object.fromEntries(Object.entries(hyper).map(([name, value]) => [`hyper:${name}`, [value]]));

/** @throws WorkbenchError `device-failed` with advice, whatever the GPU says. */
async function guarded<T>(f: () => Promise<T>): Promise<T> {
  try {
    return await f();
  } catch (cause) {
    const advice = 'resume the run from its last checkpoint; if it fails again, choose a smaller batch, fewer draws at once, or the device CPU';
    throw new WorkbenchError('device-failed', `The GPU could not run a step: ${reasonOf(cause)}; ${advice}`, { cause });
  }
}
