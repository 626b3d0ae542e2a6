/** @file CUDA support and its installation, as last heard. */
import type { CudaSupport } from '../../src-main/contract/cuda';
import { call, on, onConnection } from '../rpc/client';

export class Cuda {
  support = $state.raw<CudaSupport | null>(null);

  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('cuda.changed', (support) => {
        this.support = support;
      }),
      onConnection((connection) => {
        if (connection === 'open') this.#take(call('cuda.support')).catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Resolves at its end. */
  install(): Promise<void> {
    return this.#take(call('cuda.install'));
  }

  async cancel(): Promise<void> {
    await call('cuda.cancel');
  }

  async #take(answer: Promise<CudaSupport>): Promise<void> {
    this.support = await answer;
  }
}
