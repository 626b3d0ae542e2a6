import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { getRun } from '../store/runs';
import { openRunQueue } from './run-queue';
import { behaving, openTestContext } from './testing';

it('gives each run a worker of its own: what a library of one leaves behind, the next does not inherit', async () => {
  const context = openTestContext();
  // The fake worker, naming its thread as its engine.
  const worker = readFileSync(context.workerPath, 'utf8')
    .replace(`engine: 'fake'`, 'engine: String(threadId)')
    .replace('import { parentPort,', 'import { parentPort, threadId,');
  writeFileSync(context.workerPath, worker);
  const queue = openRunQueue(context);
  const runs = ['first', 'second'].map((name) => queue.enqueue(behaving({ steps: 3 }), name).id);
  await vi.waitFor(() => expect(runs.map((run) => getRun(context.db, run).status)).toEqual(['succeeded', 'succeeded']), 15_000);
  const threads = runs.map((run) => getRun(context.db, run).environment?.engine);
  expect(threads).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
  expect(threads[0]).not.toBe(threads[1]);
  await queue.close();
  context.discard();
});
