/** @file A method's first step on a device: everything that it changes and reports. */
import type { Device } from '../backends/device';
import { type HostTensor, type HostTensors, specsOf } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';

export interface FirstStep {
  readonly model: BayesianModel;
  /** The state before it; see initialState. */
  readonly initial: HostTensors;
  readonly batch: HostTensors;
}

/** The state after the step, and its metrics. Equal steps, equal noise: on two devices only rounding differs. */
export async function firstStep({ model, initial, batch }: FirstStep, device: Device): Promise<HostTensors> {
  const { step, hyper } = model.algorithm.schedule({ step: 0, epoch: 0, stepInEpoch: 0, stepsPerEpoch: 10, epochs: 1 });
  const state = device.upload(initial);
  const program = await device.compile(model.algorithm.steps[step]!, { state: state.specs, batch: specsOf(batch), hyper: Object.keys(hyper) });
  try {
    const info = await program.run({ state, batch, hyper, noise: { seed: 5, step: 0 } });
    const copies = Object.entries(info).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensor]);
    return { ...(await state.download()), ...(Object.fromEntries(copies) as HostTensors) };
  } finally {
    await program.dispose();
    state.dispose();
  }
}

export interface Difference {
  /** |a − b| / (1 + |b|); infinite where a value is not a number. */
  readonly size: number;
  /** 'mean/dense1.kernel[7] is 0.1, not 0.2' */
  readonly place: string;
}

/** The largest difference of `actual` from `expected`. */
export function largestDifference(actual: HostTensors, expected: HostTensors): Difference {
  let largest: Difference = { size: 0, place: '' };
  for (const [name, { data }] of Object.entries(expected))
    data.forEach((value, i) => {
      const found = actual[name]?.data[i] ?? NaN;
      const size = Number.isFinite(found) ? Math.abs(found - value) / (1 + Math.abs(value)) : Infinity;
      if (size > largest.size) largest = { size, place: `${name}[${i}] is ${found}, not ${value}` };
    });
  return largest;
}
