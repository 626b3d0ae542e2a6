import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from './fixtures';
import { smallRun, until } from './runs';

const starter = join(import.meta.dirname, '../src-main/cli/start.mjs');

/** `npm start` on a machine without a display. */
function start(...argv: string[]) {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, ...env } = process.env;
  const child = spawn(process.execPath, [starter, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  return { child, output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

test('without a display the start says why, and serves on loopback until it is told to end', async ({ credence }) => {
  await credence.stop();
  const { child, output, ended } = start('--data-dir', credence.dataDir);
  await expect.poll(() => output.text).toMatch(/there is no display\.\n.*http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('a second start on the same data folder gives the address of the first', async ({ credence }) => {
  const { output, ended } = start('--data-dir', credence.dataDir);
  expect(await ended).toBe(0);
  expect(output.text).toContain(`already running at ${credence.url}`);
});

test('a database of a newer Credence is left alone', async ({ credence }) => {
  await credence.stop();
  const database = new DatabaseSync(join(credence.dataDir, 'credence.db'));
  database.exec('PRAGMA user_version = 9999');
  database.close();
  const { output, ended } = start('--data-dir', credence.dataDir);
  expect(await ended).toBe(1);
  expect(output.text).toMatch(/newer|later/);
  expect(output.text).not.toMatch(/^ {4}at /m);
});

test('ending the host stops what trains with a checkpoint', async ({ credence, client }) => {
  const run = await client.call('runs.create', smallRun({ epochs: 5000 }));
  await until(client, run.id, ({ progress }) => (progress?.step ?? 0) > 10);
  await credence.stop();
  await credence.start();
  const again = await credence.connect();
  expect(await again.call('runs.get', run.id)).toMatchObject({ status: 'stopped', hasCheckpoint: true });
  await again.close();
});
