/** @file What can befall a device: in `details.fault` of an error `device-failed`. */
import { z } from 'zod';
import type { ErrorReport } from './errors';

export const DeviceFault = z.enum([
  'hung', // a call into it does not end
  'lost', // removed, reset by its driver, or its context is gone
  'memory', // it has no more
  'crashed', // it took its process with it
]);
export type DeviceFault = z.infer<typeof DeviceFault>;

/** Null if the error is about no device. */
export const faultOf = ({ details }: Pick<ErrorReport, 'details'>): DeviceFault | null => DeviceFault.safeParse(details?.['fault']).data ?? null;
