import { spawnSync } from 'node:child_process';
import type { Client } from '../src-main/host/client';
import type { Credence } from './credence';
import { expect, test } from './fixtures';
import { RunPage } from './pages/run.page';
import { isIn, lastCheckpoint, metricsOf, smallRun, until } from './runs';

const spec = smallRun({ units: 400, epochs: 5, name: 'isolated' });

/** The processes that train, as the system sees them. */
const processes = ({ pid }: Credence): number[] =>
  spawnSync('pgrep', ['-P', String(pid), '-f', 'process.js'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number);
const isAlive = (pid: number) =>
  spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .replace(/^Z.*/, '') !== '';

/** Paused in the middle, so that no machine is too fast. */
async function pauseIsolated(client: Client) {
  await client.call('settings.update', { isolateRuns: 'always' });
  const run = await client.call('runs.create', spec);
  await until(client, run.id, ({ progress }) => (progress?.step ?? 0) > 5);
  await client.call('runs.pause', run.id);
  await until(client, run.id, isIn('paused'));
  return run;
}
const outcome = async (credence: Credence, client: Client, id: Parameters<typeof until>[1]) => ({
  tensors: await lastCheckpoint(credence.dataDir, id),
  steps: await metricsOf(client, id, 'step'),
  epochs: await metricsOf(client, id, 'epoch'),
});

test.skip(process.platform === 'win32', 'processes are looked up by pgrep');

test('a run whose process is killed says so, and goes on from its checkpoint to the bits of one in a thread', async ({ page, credence, client }) => {
  const inThread = await client.call('runs.create', spec);
  await until(client, inThread.id, isIn('succeeded'));
  expect(processes(credence)).toEqual([]);

  const run = await pauseIsolated(client);
  const [pid] = processes(credence);
  await page.goto(`/#/runs/${run.id}`);
  const shown = new RunPage(page);
  await expect(shown.status).toHaveText('Paused');
  process.kill(pid!, 'SIGKILL');
  await expect(shown.status).toHaveText('Failed');
  await expect(page.locator('main').getByRole('alert')).toContainText(
    /The process of the run was ended by SIGKILL: .* The run can be resumed from its last checkpoint\./,
  );
  const { progress } = await client.call('runs.get', run.id);
  expect(progress!.step).toBeLessThan(progress!.steps);

  await shown.press('Resume');
  await expect(shown.status).toHaveText(/Running|Succeeded/);
  await until(client, run.id, isIn('succeeded'));
  expect(await outcome(credence, client, run.id)).toEqual(await outcome(credence, client, inThread.id));
});

test('an isolated run pauses, is stopped by Ctrl-C with a checkpoint, and leaves no process behind', async ({ credence, client }) => {
  const run = await pauseIsolated(client);
  const [pid] = processes(credence);
  process.kill(pid!, 'SIGINT'); // a terminal sends it to all
  await credence.stop();
  expect(isAlive(pid!)).toBe(false);

  await credence.start();
  const again = await credence.connect();
  expect(await again.call('runs.get', run.id)).toMatchObject({ status: 'stopped', hasCheckpoint: true });
  await again.call('runs.resume', run.id);
  await until(again, run.id, isIn('running'));
  await expect.poll(() => processes(credence).length).toBe(1);
  const [orphan] = processes(credence);
  await credence.kill();
  await expect.poll(() => isAlive(orphan!)).toBe(false);
  await credence.start();
  await again.close();
});
