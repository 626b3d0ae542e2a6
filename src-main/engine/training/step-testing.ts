/** @file How a step of a whole model is compared between devices. */
import { expect } from 'vitest';
import type { RunSpec } from '../../contract/spec';
import type { Device } from '../backends/device';
import type { HostTensor, HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { initialState } from './initial-state';

/** A device that compiles; CREDENCE_DEVICE names another than the CPU. */
export const compiling = process.env['CREDENCE_DEVICE'] ?? 'onnxruntime-cpu';

/** The method's first step on both devices from the same state with the same noise: parameters, memory and metrics agree. */
export async function expectSameStep(
  { compiled, oracle }: { readonly compiled: Device; readonly oracle: Device },
  model: BayesianModel,
  training: RunSpec['training'],
  batch: HostTensors,
): Promise<void> {
  const specs = Object.fromEntries(Object.entries(batch).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  const { step, hyper } = model.algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 10, epochs: 1 });
  const initial = await initialState({ model, device: oracle, training });
  const after = async (device: Device): Promise<HostTensors> => {
    const state = device.upload(initial);
    const program = await device.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specs, hyper: Object.keys(hyper) });
    const info = await program.run({ state, batch, hyper, noise: { seed: 5, step: 0 } });
    const copies = Object.entries(info).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensor]);
    const result = { ...(await state.download()), ...(Object.fromEntries(copies) as HostTensors) };
    await program.dispose();
    state.dispose();
    return result;
  };
  const [one, other] = [await after(compiled), await after(oracle)];
  for (const [name, { data: values }] of Object.entries(one)) {
    const expected = other[name]!.data;
    for (let i = 0; i < expected.length; i++)
      if (!(Math.abs(values[i]! - expected[i]!) < 1e-4 * (1 + Math.abs(expected[i]!)))) expect.fail(`${name}[${i}] is ${values[i]}, not ${expected[i]}`);
  }
}
