/** @file What a step costs the host whose device computes: the processor time of the thread that launches it, on networks too small to keep a device busy. */
import { add, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Device, ProgramShapes } from '../src-main/engine/backends/device';
import { trace } from '../src-main/engine/compiler/trace';
import type { HostTensors } from '../src-main/engine/numerics/host-tensor';
import { fold, normal } from '../src-main/engine/numerics/random';
import type { Batch, Step } from '../src-main/engine/numerics/step';
import { trainingStep } from './case';
import { settingsOf } from './rows';

const net = [8, 8];
const rounds = 3;
/** Steps of a round, and of a bundle whose metrics are asked for together. */
const steps = 16;
const bundle = 8;

export interface HostCost {
  readonly method: string;
  /** Processor time of the launching thread for one step, its noise apart. Milliseconds, as all. */
  readonly host: number;
  /** Of a step with the same state and batch and next to nothing to compute. */
  readonly floor: number;
  /** What drawing the noise and handing it over adds to that. */
  readonly noise: number;
  /** Until a step is done, which on a software adapter is mostly the adapter's own work. */
  readonly wall: number;
}

/** @throws if metrics of the device's steps do not wait. */
export async function hostCost(device: Device, method: string): Promise<HostCost> {
  const { step, shapes, state, batch, hyper } = await trainingStep(device, method, settingsOf(method), net);
  const time = (of: Step) => timeLaunches(device, of, shapes, { state, batch, hyper });
  const draws = trace(step, shapes).noise.map(({ shape }) => shape);
  const [whole, trivial, drawing] = [await time(step), await time(nothing([])), await time(nothing(draws))];
  const noise = Math.max(0, drawing.host - trivial.host);
  return { method, host: whole.host - noise, floor: trivial.host, noise, wall: whole.wall };
}

/** Changes every leaf, tells one number, and draws what is not needed for it. */
const nothing =
  (draws: readonly (readonly number[])[]): Step<{ readonly [name: string]: never }> =>
  (state, { y }: Batch, key, hyper) => {
    const shift = Object.values(hyper)[0]!;
    const change = (node: unknown): unknown =>
      typeof (node as Tensor).dataId === 'object'
        ? add(node as Tensor, shift)
        : Object.fromEntries(Object.entries(node as object).map(([name, child]) => [name, change(child)]));
    const drawn = draws.map((shape, i) => sum(normal(fold(key, `draw ${i}`), shape)));
    return { state: change(state) as typeof state, info: { told: drawn.reduce<Tensor>(add, sum(y!)) } };
  };

type Inputs = { readonly state: HostTensors; readonly batch: HostTensors; readonly hyper: { readonly [name: string]: number } };

/** The least disturbed of several rounds. */
async function timeLaunches(device: Device, step: Step, shapes: ProgramShapes, { state, batch, hyper }: Inputs): Promise<{ host: number; wall: number }> {
  const rows = (await device.keepRows?.({ x: batch['x']!, y: batch['y']! })) ?? null;
  const numbers = { dtype: 'int32', shape: [batch['y']!.data.length], data: Int32Array.from(batch['y']!.data, (_, i) => i) } as const;
  const program = await device.compile(step, { ...shapes, ...(rows && { resident: rows.specs }) });
  const uploaded = device.upload(state);
  if (!program.launch) throw new Error(`${device.name} has no steps whose metrics wait`);
  let count = 0;
  const round = async (): Promise<{ host: number; wall: number }> => {
    const [start, before] = [performance.now(), process.threadCpuUsage()];
    for (let i = 1; i <= steps; i++) {
      await program.launch!({ state: uploaded, batch, hyper, noise: { seed: 1, step: count++ }, ...(rows && { resident: { rows, numbers } }) });
      if (i % bundle === 0) await program.collect!();
    }
    const { user, system } = process.threadCpuUsage(before);
    return { host: (user + system) / 1000 / steps, wall: (performance.now() - start) / steps };
  };
  await round();
  const times: { host: number; wall: number }[] = [];
  for (let i = 0; i < rounds; i++) times.push(await round());
  await program.dispose();
  uploaded.dispose();
  rows?.dispose();
  return times.toSorted((a, b) => a.host - b.host)[0]!;
}
