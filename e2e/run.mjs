/** @file Runs the journeys: finds or installs a Chromium, then Playwright. What cannot run says NOT RUN, and why. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from '../src-main/cli/build.mjs';
import { findElectron } from '../src-main/cli/electron.mjs';
import { onRightNode } from '../src-main/cli/node.mjs';
import { obtainChromium } from './chromium.mjs';

const root = join(import.meta.dirname, '..');

function run() {
  if (!ensureBuild()) return 1;
  const { path, reason } = obtainChromium();
  const { binary, reason: noElectron } = findElectron();
  if (!binary) console.log(`NOT RUN: the journey in Electron's window (${noElectron}).`);
  if (!path) {
    console.log(`NOT RUN: the end-to-end tests (${reason}).`);
    mkdirSync(join(root, '.cache'), { recursive: true });
    writeFileSync(join(root, '.cache/e2e.json'), JSON.stringify({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 1 } }));
    return 0;
  }
  const asked = process.argv.slice(2);
  const projects = asked.includes('--project') ? [] : ['--project', 'browser', ...(binary ? ['--project', 'electron'] : [])];
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/playwright/cli.js'), 'test', '--config', join(root, 'e2e/playwright.config.ts'), ...projects, ...asked],
    {
      stdio: 'inherit',
      cwd: root,
      env: { ...process.env, CREDENCE_CHROMIUM: path, ...(binary && { CREDENCE_ELECTRON: binary }) },
    },
  );
  return status ?? 1;
}

if (onRightNode(import.meta.url)) process.exitCode = run();
