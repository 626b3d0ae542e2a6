/** @file What a device can do: keep states, compile steps, run them. Every backend implements it; the runner knows nothing else. */
import { logRows } from '../compiler/host-scalars';
import type { HostTensor, HostTensors, TensorSpecs } from '../numerics/host-tensor';
import type { State, Step } from '../numerics/step';
import type { ProgramStore } from './program-store';

export type Availability = { readonly available: true; readonly name: string } | { readonly available: false; readonly reason: string };

/** A state that lives on a device, double-buffered: `Program.run` writes the other side and swaps. */
export interface DeviceState {
  readonly specs: TensorSpecs;
  /** Copies all leaves, or those of the given paths, to the host; the device state may go on. */
  download(paths?: readonly string[]): Promise<HostTensors>;
  /** Replaces the values of some leaves, of the same shapes. */
  write(leaves: HostTensors): void;
  dispose(): void;
}

export interface RunInput {
  readonly state: DeviceState;
  readonly batch?: HostTensors;
  readonly hyper?: { readonly [name: string]: number };
  /** Fixes all noise of this run: see numerics/random. `seed` unsigned 32-bit, `step` a non-negative integer < 2^53. */
  readonly noise: { readonly seed: number; readonly step: number };
  /** Where the program was compiled for resident rows: they, and which of them are the batch. */
  readonly resident?: { readonly rows: ResidentRows; readonly numbers: HostTensor };
}

/** Rows of a data set in a device's memory, from which steps read their minibatches. */
export interface ResidentRows {
  readonly specs: TensorSpecs;
  dispose(): void;
}

/** After so many launches a program's metrics must be collected. */
export const mostLaunches = logRows;

/** A step compiled for one device and one set of shapes. */
export interface Program {
  /** Runs once; the new state, if the step returns one, replaces the old one in `input.state`. The returned arrays are owned by the program until its next run. */
  run(input: RunInput): Promise<HostTensors>;
  /**
   * Runs once as `run` does, but leaves the metrics on the device, so that host and device can work at the same time: at most `mostLaunches` times
   * until `collect`. Absent where nothing is gained by it, or where a metric is no single number.
   */
  launch?(input: RunInput): Promise<void>;
  /** Waits for the device; the metrics of all launches since the last time, the oldest first. */
  collect?(): Promise<HostTensors[]>;
  /** What is slower than it could be, one sentence each. */
  readonly notes?: readonly string[];
  dispose(): Promise<void>;
}

/** Shapes and names of everything a step is fed with. */
export interface ProgramShapes {
  readonly state: TensorSpecs;
  readonly batch?: TensorSpecs;
  readonly hyper?: readonly string[];
  /** Rows that lie on the device; the batch's tensors of these names are read from them. */
  readonly resident?: TensorSpecs;
}

export interface Device {
  readonly backend: string;
  readonly name: string;
  /** 'onnxruntime-cpu 1.30.0': part of what makes a resume bit-identical. */
  readonly engine: string;
  readonly threads: number;
  /** Noise comes from a generator of its own: equal to the others' in distribution, not in value. */
  readonly ownNoise?: boolean;
  upload(state: HostTensors): DeviceState;
  /** Keeps the rows of a data set on the device; null if they are too large for it. Absent where steps are fed as fast from the host. */
  keepRows?(rows: HostTensors): Promise<ResidentRows | null>;
  /**
   * @param identity text that fixes what the step computes, shapes aside: equal texts, equal steps. Without it nothing is kept for a later compilation.
   * @throws WorkbenchError `unsupported` if an operation of the step cannot run here.
   */
  compile<S extends State>(step: Step<S>, shapes: ProgramShapes, identity?: string): Promise<Program>;
  /** What a program would take, without making it; absent where steps are not compiled. `info` are its outputs. */
  footprint?<S extends State>(step: Step<S>, shapes: ProgramShapes, identity?: string): Promise<MemoryUse & { readonly info: TensorSpecs }>;
  /** What programs and states can still have. */
  memory?(): MemoryUse;
  close(): Promise<void>;
}

/** Bytes, estimated. */
export interface MemoryUse {
  readonly total: number;
  /** Of these, in the one memory that is shared with WebAssembly, which has a limit of its own. */
  readonly shared: number;
}

export interface DeviceOptions {
  readonly threads: number;
  /** Whether large elementwise passes are compiled to one kernel each, where the device can; on unless switched off. */
  readonly fusion?: boolean;
  /** Where compiled steps are kept, so that the same step need not be traced again. */
  readonly programs?: ProgramStore;
  /** Bytes that may be used; what the machine has free if left out. */
  readonly memory?: number;
}

export interface Backend {
  /** Ends in '-cpu' where no graphics card is needed: see contract/device. */
  readonly id: string;
  readonly title: string;
  /** The slow oracle that the others are compared with: never chosen by itself. */
  readonly reference?: boolean;
  probe(): Promise<Availability>;
  open(options: DeviceOptions): Promise<Device>;
}
