/** @file A Chromium for the journeys: one that is on the machine, else one that can be installed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const macApps = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** A file that starts: Playwright's own may lack system libraries. */
const runs = (path) => existsSync(path) && spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;

/** The path of a Chromium on this machine, if any. */
export function findChromium() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CREDENCE_CHROMIUM, process.env.PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH, chromium.executablePath(), ...onPath, ...macApps].find(
    (path) => path && runs(path),
  );
}

function attempt(why, command, args, minutes) {
  console.log(`${why}: ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', timeout: minutes * 60_000 });
  return status === 0 && !error;
}

/** `{ path }`, or `{ reason }` when there is none and none could be installed. */
export function obtainChromium() {
  const found = findChromium();
  if (found) return { path: found };
  const cli = join(import.meta.dirname, '../node_modules/playwright/cli.js');
  const downloaded = attempt('No Chromium on this machine; trying Playwright’s download', process.execPath, [cli, 'install', 'chromium'], 5);
  const own = downloaded && findChromium();
  if (own) return { path: own };
  const isDebian = existsSync('/usr/bin/apt-get');
  if (process.getuid?.() === 0 && isDebian) {
    attempt('Trying the system’s package manager', 'apt-get', ['update', '-q'], 3);
    attempt('Trying the system’s package manager', 'apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], 10);
    const packaged = findChromium();
    if (packaged) return { path: packaged };
  }
  return { reason: `there is no Chromium, Playwright could not download one${isDebian ? ', and the package manager could not be used or failed' : ''}` };
}
