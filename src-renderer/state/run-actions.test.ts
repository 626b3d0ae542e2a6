import { expect, it, vi } from 'vitest';
import { Run } from '../../src-main/contract/run';
import { RunSpec } from '../../src-main/contract/spec';
import { fakeMain } from '../rpc/testing';
import { Notices } from './notices.svelte';
import type { Router } from './router.svelte';
import { RunActions } from './run-actions';
import { RunList } from './run-list.svelte';

it('offers Undo until the run is restored or gone for good', async () => {
  vi.useFakeTimers();
  const spec = RunSpec.parse({ dataset: { id: 'd' }, architecture: { layers: [{ kind: 'output' }] }, likelihood: { id: 'l' }, method: { id: 'm' } });
  const unknown = { startedAt: null, endedAt: null, deletedAt: null, progress: null, datasetHash: null, environment: null, error: null, parameters: null };
  const run = Run.parse({ ...unknown, id: 'run-a1b2c3', name: 'a', status: 'stopped', spec, createdAt: 0, latest: {}, hasCheckpoint: false });
  fakeMain({ 'runs.delete': () => null, 'runs.restore': () => null, 'runs.purge': () => null, 'runs.get': () => run });
  const notices = new Notices();
  const actions = new RunActions(new RunList(), notices, {} as Router);
  for (const end of [actions.purge, actions.restore]) {
    await actions.delete([run]);
    expect(notices.toasts.at(-1)?.action?.label).toBe('Undo');
    await end(run);
    expect(notices.toasts.some(({ action }) => action)).toBe(false);
  }
  vi.useRealTimers();
});
