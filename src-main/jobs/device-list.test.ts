import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { getRun } from '../store/runs';
import { openRunQueue } from './run-queue';
import { behaving, openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
beforeEach(() => {
  context = openTestContext();
});
afterEach(() => context.discard());

describe('a refused device', () => {
  // Mutation caught: a worker that gets no job and waits for ever, its run 'running'.
  it('fails the run that asks for it, with the reason, and lets the next run go', async () => {
    const queue = openRunQueue(context);
    context.devices.refuse('onnxruntime-webgpu', 'a step did not end within 60 s');
    const asking = queue.enqueue({ ...behaving({ steps: 1 }), compute: { device: 'onnxruntime-webgpu', threads: 1 } }, 'on the GPU').id;
    const next = queue.enqueue(behaving({ steps: 1 }), 'next').id;
    await vi.waitFor(() => expect(getRun(context.db, next).status).toBe('succeeded'), { interval: 3, timeout: 15_000 });
    const { status, error } = getRun(context.db, asking);
    expect(status).toBe('failed');
    expect(error?.message).toMatch(/onnxruntime-webgpu is not used again until Credence is restarted \(a step did not end within 60 s\)/);
    await queue.close();
  });
});
