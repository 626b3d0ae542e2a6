import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Run } from '../src-main/contract/run';
import type { Credence } from './credence';
import { expect, test } from './fixtures';
import { isIn, lastCheckpoint, metricsOf, smallRun, until } from './runs';

const launcher = join(import.meta.dirname, '../src-main/cli/launch.mjs');

/** A command line as `npm run …` starts it. Resolves to what it printed and its exit code. */
function start(...argv: string[]) {
  const child = spawn(process.execPath, [launcher, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (output.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.err += text.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}
const command = (...argv: string[]) => start(...argv).ended;
const idIn = (text: string): Run['id'] => Run.shape.id.parse(/run-[0-9a-z]+/.exec(text)?.[0]);
const small = ['--dataset.size', 'small', '--arch', '1x200', '--threads', '1', '--method.firstEpochDraws', '3'];

test.describe('the command line on its own', () => {
  // The host of the fixture leaves the folder to the command line.
  test.beforeEach(({ credence }) => credence.stop());
  const on = (credence: Credence) => ['--data-dir', credence.dataDir];

  test('trains, lists and evaluates', async ({ credence }) => {
    const trained = await command('train', ...small, '--epochs', '3', '--name', 'by hand', ...on(credence));
    expect(trained.code).toBe(0);
    expect(trained.err).toMatch(/100 %.*epoch 3\.0\/3.*elbo/);
    const id = idIn(trained.out);
    expect((await command('runs', ...on(credence))).out).toMatch(new RegExp(`${id} +succeeded +drawn-digits +bbp +3/3 +by hand`));
    const evaluated = await command('evaluate', id, '--draws', '20', ...on(credence));
    expect(evaluated.out).toMatch(/500 test rows +20 draws/);
    expect(evaluated.out).toMatch(/test error +\d+\.\d\d +%/);
    expect(evaluated.out).toMatch(/epistemic uncertainty, mean +[\d.]+ +nats/);
  });

  test('Ctrl-C stops with a checkpoint, and --resume ends as if nothing had happened', async ({ credence }) => {
    const document = join(credence.dataDir, 'run.json');
    await writeFile(document, JSON.stringify(smallRun({ units: 200, epochs: 60 })));
    const whole = idIn((await command('train', '--config', document, ...on(credence))).out);

    const cut = start('train', '--config', document, ...on(credence));
    await expect.poll(() => cut.output.err, { timeout: 60_000 }).toMatch(/epoch [2-9]\./);
    cut.child.kill('SIGINT');
    const stopped = await cut.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('Stopping with a checkpoint');
    const id = idIn(stopped.out);
    expect(stopped.err).toContain(`--resume ${id}`);

    const resumed = await command('train', '--resume', id, ...on(credence));
    expect(resumed.code).toBe(0);
    expect(await lastCheckpoint(credence.dataDir, id)).toEqual(await lastCheckpoint(credence.dataDir, whole));
    await credence.start();
    const client = await credence.connect();
    expect(await metricsOf(client, id, 'step')).toEqual(await metricsOf(client, whole, 'step'));
    await client.close();
  });

  test('explains what it cannot understand, with exit code 2', async ({ credence }) => {
    for (const [argv, words] of [
      [['train', '--epoch', '3'], '--epoch'],
      [['train', '--epochs', '0'], 'training.epochs'],
      [['train', '--dataset', 'nothing'], 'nothing'],
      [['train', '--method.draws', 'many'], 'draws'],
      [['train', '--resume', 'run-0000'], 'run-0000'],
      [['evaluate'], 'which run'],
    ] as const) {
      const { code, err } = await command(...argv, ...on(credence));
      expect(err).toContain(words);
      expect(err).not.toMatch(/^ {4}at /m);
      expect(code).toBe(2);
    }
  });

  test('prints its help from the catalogue', async ({ credence }) => {
    const { code, out } = await command('train', '--help', ...on(credence));
    expect(code).toBe(0);
    for (const flag of [
      '--method.learningRate',
      '--method.klSchedule',
      '--dataset.size',
      '--prior.sd',
      '--likelihood.noise',
      '--training.seed',
      '--compute.threads',
    ])
      expect(out).toContain(flag);
  });
});

test('beside an open Credence the command line joins its queue', async ({ page, credence, client }) => {
  const joined = await command('train', ...small, '--epochs', '1', '--name', 'from outside', '--data-dir', credence.dataDir);
  expect(joined.code).toBe(0);
  expect(joined.err).toContain('joins its queue');
  await page.goto('/#/runs');
  await expect(page.getByRole('row', { name: /from outside/ })).toContainText('Succeeded');
  const run = await until(client, idIn(joined.out), isIn('succeeded'));
  expect(run.name).toBe('from outside');
});
