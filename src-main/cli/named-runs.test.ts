import { expect, it } from 'vitest';
import { namedRuns } from './named-runs';
import type { Session } from './session';

/** One pretrained model, and a note of every call. */
function fakeClient() {
  const calls: string[] = [];
  const answers: Record<string, unknown> = { 'pretrained.list': [{ id: 'mnist-bbp' }], 'pretrained.open': { id: 'run-made0' } };
  const client = { call: (procedure: string) => (calls.push(procedure), Promise.resolve(answers[procedure])) } as unknown as Session['client'];
  return { client, calls };
}

// Mutations caught: a model that is opened although another name is wrong, runs taken twice, a list that is asked for without need.
it('takes ids of runs and names of pretrained models, each once, and refuses all else', async () => {
  const { client, calls } = fakeClient();
  expect(await namedRuns(client, 'run-a1b2c3, run-a1b2c3')).toEqual(['run-a1b2c3']);
  expect(calls).toEqual([]);
  expect(await namedRuns(client, 'run-a1b2c3,mnist-bbp')).toEqual(['run-a1b2c3', 'run-made0']);
  calls.length = 0;
  expect(await namedRuns(client, 'mnist-bbp,mnist-bpb')).toBeNull();
  expect(calls).toEqual(['pretrained.list']);
  expect(await namedRuns(client, '')).toBeNull();
});
