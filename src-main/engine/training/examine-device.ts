/** @file What a device is worth here: whether it is there, computes what it should, and how fast. */
import type { DeviceVerdict } from '../../contract/device';
import { reportError } from '../../contract/errors';
import { backends } from '../backends';
import type { Backend, Device } from '../backends/device';
import { quickTimer } from '../backends/device-rates';
import { productRate } from '../backends/product-rate';
import { selfTest } from './self-test';
import { calibrate } from './step-cost';

/** Of a self-test: rounding in single precision stays far below it. */
const tolerance = 1e-4;
/** GFLOP/s: below that, as in graphics by software, measuring the other rates would take minutes. */
const slow = 4;

/** To be called in a process of its own: drivers may crash it, or never answer. */
export function examineDevice(id: string, threads: number): Promise<DeviceVerdict> {
  const backend = backends[id];
  return backend ? examine(backend, threads) : Promise.resolve({ outcome: 'absent', message: `There is no device ‘${id}’` });
}

async function examine(backend: Backend, threads: number): Promise<DeviceVerdict> {
  const availability = await backend.probe();
  if (!availability.available) return { outcome: 'absent', message: availability.reason.replace(/^./, (letter) => letter.toUpperCase()) };
  let device: Device;
  try {
    device = await backend.open({ threads });
  } catch (error) {
    const { code, message } = reportError(error);
    return { outcome: code === 'unsupported' ? 'absent' : 'failed', message };
  }
  try {
    const { size, place } = await selfTest(device);
    if (size > tolerance)
      return {
        outcome: 'failed',
        message: `It computes something else than the reference: after one training step ${place}. Update its driver, then test again; until then choose another device`,
      };
    const rate = await productRate(device);
    return { outcome: 'passed', engine: device.engine, rate, rates: rate < slow ? null : await calibrate(device, quickTimer, rate), difference: size };
  } catch (error) {
    return { outcome: 'failed', message: `A training step failed on it: ${reportError(error).message}` };
  }
}
