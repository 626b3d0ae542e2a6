/** @file What happens when a thread of the pool fails: an error that says so, never a wait without end or a half-done step. */
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { WasmFunction } from '../../compiler/wasm/encoder';
import { encodePoolModule, firstKernel } from './module';
import { openPool, type Pool } from './pool';

const unreachable = [0x00];
const noise = { seed: 0, step: 0 };
/** More rows than one thread can take before the others have had one. */
const rows = Array.from({ length: 5000 }, () => [firstKernel, 0, 4096, 0, 0]);

/** A pool whose only kernel is this code; Node tells of each thread that it makes. */
async function poolOf(code: number[]): Promise<{ pool: Pool; run: () => void; helper: Worker }> {
  let helper: Worker | undefined;
  const listen = (worker: Worker) => (helper = worker);
  process.once('worker', listen);
  const pool = await openPool(2);
  const kernel = new WasmFunction();
  kernel.parameters(6);
  const kernels = pool.load(encodePoolModule([kernel.body(code)]));
  const table = pool.table(rows);
  return { pool, run: () => pool.run(kernels, table, noise), helper: helper! };
}

const failed = expect.objectContaining({ code: 'device-failed', message: expect.stringMatching(/thread of the CPU device failed.*resume/) as string }) as Error;

describe('a pool', () => {
  it('reports a kernel that traps, in whichever thread, and can be closed', async () => {
    const { pool, run } = await poolOf(unreachable);
    expect(run).toThrow(failed);
    expect(run).toThrow(failed);
    await pool.close();
  });

  // Mutation caught: the loop that waits for threads which will never answer.
  it('refuses to go on after a thread has ended, and can be closed', async () => {
    const { pool, run, helper } = await poolOf([]);
    run();
    await helper.terminate();
    expect(run).toThrow(failed);
    await pool.close();
  });
});
