/** @file Compiled steps on the CPU by ONNX Runtime: the default everywhere. */
import type { Backend } from './device';
import { openOnnxDevice, runtimeFault } from './onnxruntime-device';

const place = { backend: 'onnxruntime-cpu', name: 'CPU', provider: 'cpu' } as const;

export const onnxruntimeCpu: Backend = {
  id: place.backend,
  title: place.name,
  async probe() {
    const reason = await runtimeFault();
    return reason === undefined ? { available: true, name: place.name } : { available: false, reason };
  },
  open: (options) => openOnnxDevice(place, options),
};
