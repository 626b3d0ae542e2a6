/** @file CUDA support of ONNX Runtime, which its package fetches only when it is asked to. */
import { z } from 'zod';

/** As the registry of devices calls it. */
export const cudaDevice = 'onnxruntime-cuda';

export const CudaSupport = z.object({
  /** Whether the package has it for this platform. */
  offered: z.boolean(),
  installed: z.boolean(),
  installing: z.boolean(),
  /** What the installation under way, or the last one, has said, the oldest first. */
  lines: z.array(z.string()),
  /** Bytes it has downloaded and unpacked so far. */
  fetched: z.number().min(0),
  /** How the last installation ended; null before and during it. */
  outcome: z.object({ works: z.boolean(), message: z.string() }).nullable(),
});
export type CudaSupport = z.infer<typeof CudaSupport>;

/** What an installation does and needs; to be said before it. One sentence each. */
export const cudaNeeds = [
  'It downloads up to 250 MB from api.nuget.org, by the install step of the package onnxruntime-node; nothing is sent.',
  'It needs 1 GB of free disk while it works, and 0.4 GB afterwards.',
  'It works with an NVIDIA card, driver 525 or newer, and CUDA 12 and cuDNN 9 on this computer, which it does not install.',
] as const;
