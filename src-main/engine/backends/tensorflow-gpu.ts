/** @file Steps run eagerly on an NVIDIA GPU by TensorFlow, through the optional package @tensorflow/tfjs-node-gpu. */
import { WorkbenchError } from '../../contract/errors';
import type { Availability, Backend, Device, DeviceOptions } from './device';
import { EagerDevice, hostNoise, type EagerOptions } from './eager-device';
import { inBackend } from './eager-tensors';
import { missingLibraries } from './native-libraries';
import { openNoise } from './noise/generator';
import { loadBinding, missingPart, registerTensorflow, tensorflow, type TensorflowBackend, type TensorflowBinding } from './tensorflow/package';
import { tensorflowNoise } from './tensorflow/noise';

const id = 'tensorflow-gpu';
const title = 'GPU – TensorFlow';

/** What libtensorflow 2.9, which the package is made for, was built against. */
const needs = 'it needs Linux or Windows on x64 with an NVIDIA GPU, its driver 450 or newer, CUDA 11.2 and cuDNN 8.1';

const libraries = [
  'libcuda.so.1',
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcublasLt.so.11',
  'libcufft.so.10',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
  'libcudnn.so.8',
];

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).trim();

/** Runs before tensors are counted, and between counts. */
const warmUp = 10;
const interval = 100;
/** More than at the first count. */
const tolerance = { share: 0.1, tensors: 16 };

/**
 * Counts the tensors that nobody owns, of TF.js and of TensorFlow: between steps there should be none.
 *
 * @returns to be called after each step; throws WorkbenchError `device-failed` where they become more and more
 */
export function watchTensors(backend: Pick<TensorflowBackend, 'binding' | 'numDataIds'>): (owned: number) => void {
  let runs = 0;
  let first = 0;
  return (owned) => {
    runs++;
    if (runs > warmUp && runs % interval > 0) return;
    const left = Math.max(backend.numDataIds(), backend.binding.getNumOfTensors()) - owned;
    if (runs <= warmUp) first = Math.max(first, left);
    else if (left > first * (1 + tolerance.share) + tolerance.tensors)
      throw new WorkbenchError(
        'device-failed',
        `TensorFlow keeps ${left} tensors after ${runs} steps and kept ${first} at the start, which would fill the GPU's memory; resume the run from its last checkpoint, and choose another device if it happens again`,
      );
  };
}

/** TensorFlow's noise, or the host's where this TensorFlow has no stateless generators. */
async function chooseNoise(backend: TensorflowBackend, threads: number): Promise<Pick<EagerOptions, 'noise' | 'notes' | 'ownNoise'>> {
  const own = tensorflowNoise(backend);
  try {
    inBackend(tensorflow, () => own.draw('normal', 0, [1], { seed: 0, step: 0 }));
    return { noise: own, ownNoise: true };
  } catch (cause) {
    return {
      noise: hostNoise(await openNoise(threads)),
      notes: [`Noise is made on the CPU: this TensorFlow has no stateless generators (${reasonOf(cause)})`],
    };
  }
}

/** A device over a loaded library. @throws WorkbenchError `unsupported` if it has no GPU */
export async function openTensorflow(binding: TensorflowBinding, { threads }: Pick<DeviceOptions, 'threads'>): Promise<Device> {
  if (!binding.isUsingGpuDevice()) {
    const missing = missingLibraries(libraries);
    const reason = missing.length > 0 ? `the system does not find ${missing.join(', ')}` : 'the driver shows none';
    throw new WorkbenchError('unsupported', `TensorFlow finds no GPU, ${reason}; ${needs}. Install these, or choose another device`);
  }
  const backend = registerTensorflow(binding);
  return new EagerDevice({
    backend: id,
    name: title,
    engine: `${id} ${binding.TF_Version}`,
    threads,
    runsOn: tensorflow,
    apart: true,
    ...(await chooseNoise(backend, threads)),
    failure: (cause) =>
      new WorkbenchError(
        'device-failed',
        `TensorFlow could not run a step: ${reasonOf(cause)}; resume the run from its last checkpoint, and if it fails again choose a smaller batch, fewer draws at once, or another device`,
        { cause },
      ),
    afterStep: watchTensors(backend),
  });
}

/** Loads nothing: a driver may crash, which only a process of its own survives. */
function probe(): Promise<Availability> {
  const missing = missingPart();
  if (!missing) return Promise.resolve({ available: true, name: title });
  return Promise.resolve({ available: false, reason: `${missing}, and ${needs}` });
}

async function open(options: DeviceOptions): Promise<Device> {
  let binding: TensorflowBinding;
  try {
    binding = loadBinding();
  } catch (cause) {
    throw new WorkbenchError('unsupported', `TensorFlow cannot be loaded: ${reasonOf(cause)}; ${needs}. Install these, or choose another device`, { cause });
  }
  return openTensorflow(binding, options);
}

export const tensorflowGpu: Backend = { id, title, probe, open };
