/** @file Tells the watcher of a worker about every call into its device, so that one that never ends is missed. */
import { WorkbenchError } from '../../contract/errors';
import { openDevice } from '../../engine/backends';
import type { Device, DeviceOptions, DeviceState, Program } from '../../engine/backends/device';
import { readProviderFault } from '../../engine/backends/provider-fault';
import { words, type WorkerSetup } from '../protocol';

/** For opening, compiling, copying and the first run of a program, in which drivers compile too. ms */
const preparing = 10 * 60_000;
/** For every further run at least so long, ms, and so many times as long as the fastest one so far. */
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

  /** @throws WorkbenchError `device-failed` if the device fails, and if it answers when nobody waits any more: the run may have gone on elsewhere. */
  async during<T>(patience: number, call: () => T | Promise<T>): Promise<T> {
    const entry = { patience: this.#fault ? shortest : patience };
    this.#open.add(entry);
    this.#tell();
    try {
      const result = await call();
      if (Atomics.load(this.#shared, words.abandoned)) throw new WorkbenchError('device-failed', 'The device answered after its worker had been given up');
      return result;
    } catch (error) {
      const read = readProviderFault(error, this.name);
      if (read !== error) this.#fault ??= read;
      throw this.#fault ?? error;
    } finally {
      this.#open.delete(entry);
      this.#tell();
    }
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
  return watchDevice(device, calls);
}

function watchDevice(device: Device, calls: Calls): Device {
  return overlay(device, {
    compile: async (...asked) => watchProgram(await calls.during(preparing, () => device.compile(...asked)), calls),
    upload: (tensors) => watchState(device.upload(tensors), calls),
    close: () => calls.during(preparing, () => device.close()),
  });
}

function watchProgram(program: Program, calls: Calls): Program {
  let patience = preparing;
  let fastest = Infinity; // ms
  return overlay(program, {
    async run(input) {
      const began = performance.now();
      const info = await calls.during(patience, () => program.run(input));
      fastest = Math.min(fastest, performance.now() - began);
      patience = Math.max(shortest, Math.ceil(slower * fastest));
      return info;
    },
    dispose: () => calls.during(preparing, () => program.dispose()),
  });
}

function watchState(state: DeviceState, calls: Calls): DeviceState {
  const download = state.download.bind(state);
  state.download = (paths) => calls.during(preparing, () => download(paths));
  return state;
}

/** `target` with some members replaced; the others keep their own `this`, whose fields may be private. */
function overlay<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
