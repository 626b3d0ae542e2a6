import { _electron, expect, test } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunPage } from '../pages/run.page';
import { TrainPage } from '../pages/train.page';

/** Runs only where Electron's binary and a display are: run.mjs sets CREDENCE_ELECTRON, or says NOT RUN. */
test('the desktop app trains in its sandboxed window', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'credence-electron-'));
  const executablePath = process.env['CREDENCE_ELECTRON'] ?? '';
  const app = await _electron.launch({ executablePath, args: [join(import.meta.dirname, '../..'), `--data-dir=${dataDir}`] });
  const window = await app.firstWindow();
  expect(new URL(window.url()).origin).toBe('app://credence');
  expect(await window.evaluate(() => typeof (globalThis as { require?: unknown }).require)).toBe('undefined');

  await window.getByRole('link', { name: 'Train', exact: true }).click();
  const launcher = new TrainPage(window);
  await launcher.chooseSmall({ epochs: 2 });
  await launcher.start('in a window');
  await expect(new RunPage(window).status).toHaveText('Succeeded', { timeout: 60_000 });
  await app.close();
  await rm(dataDir, { recursive: true });
});
