/** @file Every backend of the workbench. Adding one = one file + one line here + its package. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { WorkbenchError } from '../../contract/errors';
import type { Backend, Device, DeviceOptions } from './device';
import { onnxruntimeCpu } from './onnxruntime-cpu';
import { onnxruntimeCuda } from './onnxruntime-cuda';
import { onnxruntimeWebgpu } from './onnxruntime-webgpu';
import { tensorflowGpu } from './tensorflow-gpu';
import { tfjsCpu } from './tfjs-cpu';

/** By id, the one that is sure to work first. */
export const backends: { readonly [id: string]: Backend } = {
  'onnxruntime-cpu': onnxruntimeCpu,
  'onnxruntime-webgpu': onnxruntimeWebgpu,
  'onnxruntime-cuda': onnxruntimeCuda,
  'tensorflow-gpu': tensorflowGpu,
  'tfjs-cpu': tfjsCpu,
};

/**
 * Opens a device; 'auto' is the first backend that is available.
 *
 * @throws WorkbenchError `unsupported` if there is no such backend or it is not available here.
 */
export async function openDevice(id: string, options: DeviceOptions): Promise<Device> {
  const candidates = id === 'auto' ? Object.values(backends) : [backends[id]];
  const reasons: string[] = [];
  for (const backend of candidates) {
    if (!backend) throw new WorkbenchError('unsupported', `There is no device '${id}'; choose auto or one of ${Object.keys(backends).join(', ')}`);
    const availability = await backend.probe();
    if (availability.available) return backend.open(options);
    reasons.push(`${backend.title}: ${availability.reason}`);
  }
  throw new WorkbenchError('unsupported', `Device '${id}' is not available here (${reasons.join('; ')}); choose another`);
}
