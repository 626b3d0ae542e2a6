/** @file Compiled steps with their products on an NVIDIA GPU, by ONNX Runtime's CUDA provider. States, noise and elementwise passes stay on the CPU: the provider takes no GPU tensors from Node. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { matMul } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import { float32 } from '../numerics/host-tensor';
import type { Step } from '../numerics/step';
import type { Availability, Backend, Device, DeviceOptions } from './device';
import { missingLibraries } from './native-libraries';
import { openOnnxDevice, runtimeFault } from './onnxruntime-device';

const place = { backend: 'onnxruntime-cuda', name: 'GPU – CUDA', provider: 'cuda' } as const;

/** ONNX Runtime 1.19 and later: CUDA 12 and cuDNN 9. */
const needs = 'it needs an NVIDIA GPU with driver 525 or newer, CUDA 12 and cuDNN 9';
const libraries = ['libcuda.so.1', 'libcudart.so.12', 'libcublasLt.so.12', 'libcublas.so.12', 'libcurand.so.10', 'libcufft.so.11', 'libcudnn.so.9'];

/** Whether the package's own install step has put the provider's library where the package looks for it. */
function isInstalled(): boolean {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve('onnxruntime-node/package.json'));
    require.resolve(join(folder, 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so'));
    return true;
  } catch {
    return false;
  }
}

async function probe(): Promise<Availability> {
  const fault = await runtimeFault();
  if (fault !== undefined) return { available: false, reason: fault };
  const { listSupportedBackends } = await import('onnxruntime-node');
  if (!listSupportedBackends().some(({ name }) => name === place.provider))
    return { available: false, reason: 'onnxruntime-node has CUDA for Linux on x64 alone; here choose GPU – WebGPU' };
  if (!isInstalled()) return { available: false, reason: `CUDA support is not installed: Settings or \`npm run install-cuda\` install it, and ${needs}` };
  return { available: true, name: place.name };
}

const square: Step = (_state, { x }) => ({ info: { y: matMul(x!, x!) } });

/**
 * @param runtime another ONNX Runtime than the package's, for tests
 * @throws WorkbenchError `unsupported` if the provider cannot be loaded, or no GPU answers
 */
export async function openCuda(options: DeviceOptions, runtime?: typeof OnnxRuntime): Promise<Device> {
  const device = await openOnnxDevice(place, options, runtime);
  try {
    const x = float32([1, 1], Float32Array.of(3));
    const program = await device.compile(square, { state: {}, batch: { x } });
    await program.run({ state: device.upload({}), batch: { x }, noise: { seed: 0, step: 0 } });
    await program.dispose();
    return device;
  } catch (cause) {
    await device.close();
    const missing = missingLibraries(libraries);
    const reason = missing.length > 0 ? `the system does not find ${missing.join(', ')}` : cause instanceof Error ? cause.message : String(cause);
    throw new WorkbenchError('unsupported', `CUDA cannot be used: ${reason}; ${needs}. Install these, or choose another device`, { cause });
  }
}

export const onnxruntimeCuda: Backend = { id: place.backend, title: place.name, probe, open: openCuda };
