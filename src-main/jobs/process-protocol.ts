/** @file Messages between the main process and the process around an isolated worker, which passes the worker's own on. */
import { z } from 'zod';
import { ErrorReport } from '../contract/errors';
import { Control, WorkerPlace } from './protocol';

export const ToProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), place: WorkerPlace }),
  z.object({ type: z.literal('post'), message: z.unknown() }), // the worker checks it
  z.object({ type: z.literal('control'), word: z.enum(Object.keys(Control) as (keyof typeof Control)[]) }),
]);
export type ToProcess = z.infer<typeof ToProcess>;

export const FromProcess = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: z.unknown() }),
  /** The worker has ended or hangs; the process may be killed. */
  z.object({ type: z.literal('exit'), error: ErrorReport.nullable(), exitCode: z.int() }),
]);
export type FromProcess = z.infer<typeof FromProcess>;
