/** @file What can compute here, how fast, and how truly: one report for each registered backend. */
import { z } from 'zod';
import { DeviceRates } from './device-rates';

/** A registered backend, before anything is known of the machine. */
export const DeviceKind = z.object({
  id: z.string().max(80),
  /** 'GPU – WebGPU' */
  title: z.string(),
  /** The slow oracle that the others are compared with: neither tested nor chosen by itself. */
  reference: z.boolean(),
});
export type DeviceKind = z.infer<typeof DeviceKind>;

/** What a test found. Messages say what happened, then what to do. */
export const DeviceVerdict = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('passed'),
    /** 'onnxruntime-cpu 1.30.0' */
    engine: z.string(),
    /** Of a chain of large matrix products in single precision; GFLOP/s. */
    rate: z.number().positive(),
    /** What foretells the time of a step. */
    rates: DeviceRates.nullable(), // not measured where the device is too slow to plan on
    /** The largest difference between its training step and the reference's, |a − b| / (1 + |b|). */
    difference: z.number().min(0),
  }),
  z.object({ outcome: z.literal('absent'), message: z.string() }),
  /** It is there, but crashes, hangs, or computes something else. */
  z.object({ outcome: z.literal('failed'), message: z.string() }),
]);
export type DeviceVerdict = z.infer<typeof DeviceVerdict>;

export const DeviceReport = DeviceKind.extend({
  /** What the computer calls the processor or the card; null while it has not been asked, or does not say. */
  name: z.string().nullable(),
  memory: z.number().positive().nullable(), // bytes
  /** Null until it has been tested. */
  verdict: DeviceVerdict.nullable(),
  testedAt: z.number().nullable(), // ms since 1970
  /** Under way, or waiting for its turn. */
  testing: z.boolean(),
  /** Why it is not used again until Credence is restarted; null if it is. */
  refused: z.string().nullable(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** By the rule of the backends' names. */
export const isCpu = (device: string): boolean => device.endsWith('-cpu');

/** Whether a run may be given this device. */
export const isUsable = ({ verdict, refused, reference }: DeviceReport): boolean => !reference && !refused && verdict?.outcome === 'passed';

/** Always there. */
export const safeDevice = 'onnxruntime-cpu';

/** What 'auto' means: the id of the fastest device that has passed its test; the CPU until one has. */
export function fastestDevice(reports: readonly DeviceReport[]): string {
  const rate = ({ verdict }: DeviceReport) => (verdict?.outcome === 'passed' ? verdict.rate : 0);
  return reports.filter(isUsable).toSorted((a, b) => rate(b) - rate(a))[0]?.id ?? safeDevice;
}

/** The processor, and the graphics card if the computer names one. */
export const Hardware = z.object({
  cpu: z.object({ name: z.string(), memory: z.number().positive() }),
  gpu: z.object({ name: z.string(), memory: z.number().positive().nullable(), driver: z.string() }).nullable(),
});
export type Hardware = z.infer<typeof Hardware>;
