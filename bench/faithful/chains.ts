/** @file Many chains of a sampler in one compiled graph, without the app: as many replications of a statistical experiment. */
import { Tensor } from '@tensorflow/tfjs-core';
import { openDevice } from '../../src-main/engine/backends';
import type { Program } from '../../src-main/engine/backends/device';
import type { Algorithm } from '../../src-main/engine/inference/method';
import { type HostTensors, specsOf } from '../../src-main/engine/numerics/host-tensor';
import { fold } from '../../src-main/engine/numerics/random';
import type { Step } from '../../src-main/engine/numerics/step';
import { flattenTree } from '../../src-main/engine/numerics/tree';

const isTensor = (leaf: unknown): leaf is Tensor => leaf instanceof Tensor;
const copyOf = (tensors: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensors[string]]));

export interface Course {
  readonly algorithm: Algorithm;
  readonly seed: number;
  readonly steps: number;
  /** Parameters that start elsewhere than `init` says, by path. */
  readonly start?: HostTensors;
  batch(step: number): HostTensors;
  /** The state after each step whose move says `keep`. */
  kept(params: HostTensors): void;
}

/** Follows the schedule of one epoch of so many steps. */
export async function follow({ algorithm, seed, steps, start = {}, batch, kept }: Course): Promise<void> {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const init: Step = (_state, _batch, key) => ({ info: Object.fromEntries(flattenTree<Tensor>(algorithm.init(fold(key, 'initial state')), isTensor)) });
  const initial = await device.compile(init, { state: {} });
  const nothing = device.upload({});
  const state = device.upload({ ...copyOf(await initial.run({ state: nothing, noise: { seed, step: 0 } })), ...start });
  await initial.dispose();
  const programs = new Map<string, Program>();
  const paths = Object.keys(state.specs).filter((path) => path.startsWith('params/'));
  for (let step = 0; step < steps; step++) {
    const { step: name, hyper, keep } = algorithm.schedule({ step, epoch: 0, stepInEpoch: step, stepsPerEpoch: steps, epochs: 1 });
    const rows = batch(step);
    const key = `${name} ${rows['x']!.shape.join()}`;
    const program =
      programs.get(key) ?? (await device.compile(algorithm.steps[name]!, { state: state.specs, batch: specsOf(rows), hyper: Object.keys(hyper) }));
    programs.set(key, program);
    await program.run({ state, batch: rows, hyper, noise: { seed, step } });
    if (keep) kept(await state.download(paths));
  }
  for (const program of programs.values()) await program.dispose();
  state.dispose();
  nothing.dispose();
  await device.close();
}
