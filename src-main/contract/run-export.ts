/** @file What can be taken out of Credence of a run. */
import { z } from 'zod';
import { FileId, RunId } from './ids';

/** The whole run, for another Credence; or its posterior predictive, also in 8-bit integers, or draws of its weights, for other programs. The ending of the file. */
export const ExportFormat = z.enum(['credence', 'onnx', 'int8.onnx', 'safetensors']);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const RunExport = z.object({
  run: RunId,
  format: ExportFormat,
  /** Draws of the weights in an ONNX or safetensors file: fewer where there are no more. */
  draws: z.int().min(1).max(1000).default(30),
  /** Fixes the draws. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
});
export type RunExport = z.infer<typeof RunExport>;

/** To be fetched from `/files/:file?name=:name` within a day. */
export const ExportedFile = z.object({ file: FileId, name: z.string(), bytes: z.int() });
export type ExportedFile = z.infer<typeof ExportedFile>;
