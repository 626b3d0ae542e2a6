/** @file What can compute here, how fast, and how truly: one report for each registered backend. */
import { z } from 'zod';

/** Why a device cannot be used, and what to do about it; one sentence each. */
const fault = { reason: z.string(), advice: z.string() };

export const DeviceVerdict = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('passed'),
    /** 'NVIDIA GeForce RTX 4070' */
    hardware: z.string(),
    /** 'onnxruntime-cpu 1.30.0' */
    engine: z.string(),
    /** Bytes; null where the device does not say. */
    memory: z.number().positive().nullable(),
    /** Of a chain of large matrix products in single precision; GFLOP/s. */
    rate: z.number().positive(),
    /** The largest difference between its training step and the reference's, |a − b| / (1 + |b|). */
    difference: z.number().min(0),
  }),
  z.object({ outcome: z.literal('absent'), ...fault }),
  /** It is there, but crashes, hangs, or computes something else. */
  z.object({ outcome: z.literal('failed'), ...fault }),
]);
export type DeviceVerdict = z.infer<typeof DeviceVerdict>;

/** A registered backend, before anything is known of the machine. */
export const DeviceKind = z.object({
  id: z.string().max(80),
  /** 'GPU – WebGPU' */
  title: z.string(),
  /** The slow oracle that the others are compared with: never chosen by itself. */
  reference: z.boolean(),
});
export type DeviceKind = z.infer<typeof DeviceKind>;

export const DeviceReport = DeviceKind.extend({
  /** Null until it has been tested. */
  verdict: DeviceVerdict.nullable(),
  testedAt: z.number().nullable(), // ms since 1970
  testing: z.boolean(),
  /** Why it is not used again until Credence is restarted; null if it is. */
  refused: z.string().nullable(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** Where 'auto' computes until more is known. */
export const safeDevice = 'onnxruntime-cpu';
