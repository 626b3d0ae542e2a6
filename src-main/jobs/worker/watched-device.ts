/** @file Tells the watcher of a worker about every call into its device, so that one that never ends is missed. */
import { WorkbenchError } from '../../contract/errors';
import { openDevice } from '../../engine/backends';
import type { Device, DeviceOptions, DeviceState, Program, RunInput } from '../../engine/backends/device';
import { readProviderFault } from '../../engine/backends/provider-fault';
import { words, type WorkerSetup } from '../protocol';

/** For opening, compiling, copying and the first run of a program, in which drivers compile too. ms */
const preparing = 10 * 60_000;
/** For further runs at least so long, ms, and so many times as long as the fastest so far. */
const shortest = 60_000;
const slower = 50;

/** Calls under way, as the watcher sees them. */
class Calls {
  readonly #shared: Int32Array;
  readonly #open = new Set<{ readonly patience: number }>();
  /** The device, in messages. */
  name = 'The device';
  /** What befell it: whatever fails afterwards fails for this reason. */
  #fault: unknown;

  constructor(control: SharedArrayBuffer) {
    this.#shared = new Int32Array(control);
  }

  /**
   * A call that returns at once, or one that promises to end.
   * @throws WorkbenchError `device-failed` if the device fails, and if it answers when nobody waits any more: the run may have gone on elsewhere.
   */
  during<Result>(patience: number, call: () => Result): Result {
    const entry = { patience: this.#fault ? shortest : patience };
    this.#open.add(entry);
    this.#tell();
    const end = () => {
      this.#open.delete(entry);
      this.#tell();
    };
    try {
      const result = call();
      if (result instanceof Promise) return this.#awaited(result).finally(end) as Result;
      end();
      return result;
    } catch (error) {
      end();
      throw this.#explain(error);
    }
  }

  async #awaited(result: Promise<unknown>): Promise<unknown> {
    const value = await result.catch((error: unknown) => {
      throw this.#explain(error);
    });
    if (Atomics.load(this.#shared, words.abandoned)) throw new WorkbenchError('device-failed', 'The device answered after its worker had been given up');
    return value;
  }

  #explain(error: unknown): unknown {
    const read = readProviderFault(error, this.name);
    if (read !== error) this.#fault ??= read;
    return this.#fault ?? error;
  }

  #tell(): void {
    Atomics.store(this.#shared, words.patience, Math.max(0, ...[...this.#open].map(({ patience }) => patience)));
    Atomics.add(this.#shared, words.calls, 1);
  }
}

/** As `openDevice`, with every call into the device told to the watcher: also the one that opens it. */
export async function openWatchedDevice(id: string, options: DeviceOptions, { control }: Pick<WorkerSetup, 'control'>): Promise<Device> {
  const calls = new Calls(control);
  const device = await calls.during(preparing, () => openDevice(id, options));
  calls.name = device.name;
  return watch(device, calls, {
    compile: async (...asked) => watchProgram(await calls.during(preparing, () => device.compile(...asked)), calls),
    upload: (tensors) => watchState(device.upload(tensors), calls),
  });
}

function watchProgram(program: Program, calls: Calls): Program {
  let fastest = Infinity; // ms per run
  let pending = 0; // runs begun, until one is waited for
  let since = 0;
  const begin = () => {
    if (pending++ === 0) since = performance.now();
  };
  const during = <Result>(call: () => Result) =>
    calls.during(fastest === Infinity ? preparing : Math.max(shortest, Math.ceil(slower * fastest * pending)), call);
  const waited = <Result>(result: Result): Result => {
    if (pending > 0) fastest = Math.min(fastest, (performance.now() - since) / pending);
    pending = 0;
    return result;
  };
  const run = async (input: RunInput) => {
    begin();
    return waited(await during(() => program.run(input)));
  };
  if (!program.launch) return watch(program, calls, { run });
  const launch = (input: RunInput) => {
    begin();
    return during(() => program.launch!(input));
  };
  return watch(program, calls, { run, launch, collect: async () => waited(await during(() => program.collect!())) });
}

function watchState(state: DeviceState, calls: Calls): DeviceState {
  const download = state.download.bind(state);
  state.download = (paths) => calls.during(preparing, () => download(paths));
  return state;
}

/** `target` with some members replaced. Every other method is a call too, so that none that a device may have goes unwatched. */
function watch<T extends object>(target: T, calls: Calls, own: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown;
      const value: unknown = Reflect.get(target, name, target); // private fields need their own `this`
      return typeof value === 'function' ? (...asked: unknown[]) => calls.during(preparing, () => Reflect.apply(value, target, asked) as unknown) : value;
    },
  });
}
