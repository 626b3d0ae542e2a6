import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../src-main/contract/run';
import type { Credence } from './credence';
import { expect, test } from './fixtures';
import { isIn, lastCheckpoint, metricsOf, smallRun, until } from './runs';

/** Several times as long as until the kill, also on a fast machine. */
const spec = smallRun({ units: 400, epochs: 24, name: 'to be killed' });

/** What an uninterrupted run gives. */
async function outcome(credence: Credence, id: Run['id']) {
  const client = await credence.connect();
  await until(client, id, isIn('succeeded'));
  const result = {
    tensors: await lastCheckpoint(credence.dataDir, id),
    steps: await metricsOf(client, id, 'step'),
    epochs: await metricsOf(client, id, 'epoch'),
  };
  await client.close();
  return result;
}

/** Starts a run, kills the host at the moment `moment` resolves, starts it again and resumes the run to its end. */
async function killedAndResumed(credence: Credence, moment: (run: Run) => Promise<unknown>) {
  const before = await credence.connect();
  const run = await before.call('runs.create', spec);
  await until(before, run.id, ({ hasCheckpoint, status }) => hasCheckpoint && status === 'running');
  await moment(run);
  await credence.kill();
  await credence.start();
  const after = await credence.connect();
  const found = await after.call('runs.get', run.id);
  await after.call('runs.resume', run.id);
  const result = await outcome(credence, run.id);
  await after.close();
  return { found, result };
}

test('a run killed mid-epoch goes on from its checkpoint to the very same posterior', async ({ credence, client }) => {
  const whole = await client.call('runs.create', spec);
  const expected = await outcome(credence, whole.id);
  expect(Object.keys(expected.steps).length).toBeGreaterThan(0);

  const { found, result } = await killedAndResumed(credence, (run) => new Promise((resolve) => setTimeout(resolve, 700, run)));
  expect(found.status).toBe('interrupted');
  expect(found.progress!.step).toBeLessThan(found.progress!.steps);
  expect(result.tensors).toEqual(expected.tensors);
  expect(result.steps).toEqual(expected.steps);
  expect(result.epochs).toEqual(expected.epochs);

  // And once more while a checkpoint is being written: whole or absent, never half.
  const again = await killedAndResumed(
    credence,
    (run) =>
      new Promise<void>((resolve) => {
        const watcher = watch(join(credence.dataDir, 'artifacts', run.id), (_event, file) => {
          if (!file?.endsWith('.partial')) return;
          watcher.close();
          resolve();
        });
      }),
  );
  expect(again.found.status).toBe('interrupted');
  expect(again.result.tensors).toEqual(expected.tensors);
  expect(again.result.steps).toEqual(expected.steps);
});

test.describe('in the window', () => {
  test.use({ expectedErrors: [/WebSocket|ERR_CONNECTION_REFUSED|401/] });

  test('a killed Credence says so, and its run is offered for going on', async ({ page, credence, client }) => {
    const run = await client.call('runs.create', smallRun({ epochs: 5000, name: 'interrupted' }));
    await page.goto(`/#/runs/${run.id}`);
    await until(client, run.id, ({ hasCheckpoint, status }) => hasCheckpoint && status === 'running');
    await credence.kill();
    await expect(page.getByRole('alert')).toContainText('Connection lost');
    await credence.start();
    await page.goto(credence.url);
    await page.waitForURL((url) => !url.search);
    await page.getByRole('link', { name: 'interrupted', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('Interrupted');
    await page.getByRole('button', { name: 'Resume from the checkpoint' }).click();
    await expect(page.getByRole('status', { name: 'Run status' })).toHaveText('Running');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(page.getByRole('status', { name: 'Run status' })).toHaveText('Stopped');
  });
});
