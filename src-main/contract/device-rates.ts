/** @file How fast a device does the kinds of work that a training step consists of. */
import { z } from 'zod';

const rate = z.number().positive();

export const DeviceRates = z.object({
  gflops: rate, // large matrix products, 10⁹ floating point operations per second
  thinConvolutions: rate, // the same of convolutions with few filters
  wideConvolutions: rate, // and with many
  bandwidth: rate, // streaming memory traffic, 10⁹ bytes per second
  normals: rate, // standard normals into memory, 10⁹ per second
  operationMs: rate, // of an operation too small to take time by itself
  overhead: rate, // time of a known Bayesian step over the sum of its parts
});
export type DeviceRates = z.infer<typeof DeviceRates>;
