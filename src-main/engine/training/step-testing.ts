/** @file How a step of a whole model is compared between devices. */
import { expect } from 'vitest';
import type { RunSpec } from '../../contract/spec';
import type { Device } from '../backends/device';
import type { HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { firstStep, largestDifference } from './first-step';
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
  const step = { model, initial: await initialState({ model, device: oracle, training }), batch };
  const { size, place } = largestDifference(await firstStep(step, compiled), await firstStep(step, oracle));
  expect(size, place).toBeLessThan(1e-4);
}
