/** @file How libraries for graphics cards are told what to do: they read the environment of the process, which a thread cannot change for itself. */

const environment = {
  /** Otherwise TensorFlow takes all of a card's memory at once. */
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  /** Warnings and errors, no advertisement. */
  TF_CPP_MIN_LOG_LEVEL: '1',
  /** Products in full single precision: TF32 keeps 10 bits of the mantissa, and training steps would differ from the CPU's in the third digit. */
  NVIDIA_TF32_OVERRIDE: '0',
};

/** What the user has set stays. */
export function prepareGpuEnvironment(): void {
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
}
