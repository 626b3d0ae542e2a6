/** @file A stand-alone ONNX model at work on the CPU. */
import { WorkbenchError } from '../../contract/errors';

export interface ModelSession {
  /** Values of the outputs by name. Shapes: x [rows, …]. */
  run(x: Float32Array, shape: readonly number[]): Promise<{ readonly [output: string]: Float32Array }>;
  close(): Promise<void>;
}

/** @param profile prefix of the file in which ONNX Runtime tells which of its operations ran @throws WorkbenchError `device-failed` */
export async function openModel(model: Uint8Array, threads: number, profile?: string): Promise<ModelSession> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const failed = (cause: unknown): never => {
    throw new WorkbenchError('device-failed', `ONNX Runtime could not run a model: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  };
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    // Integer products of processors without VNNI would saturate; there the weights are taken as unsigned.
    extra: { session: { x64quantprecision: '1' } },
  }).catch(failed);
  return {
    async run(x, shape) {
      const outputs = await session.run({ x: new Tensor('float32', x, shape) }).catch(failed);
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
    },
    async close() {
      if (profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}
