/** @file `npm start`: opens Credence in Electron's window where that can be had, else in a browser. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './build.mjs';
import { fetchElectron } from './electron.mjs';
import { forward, onOrphaned, onRightNode, root } from './node.mjs';

async function start() {
  const browserOnly = process.argv.includes('--browser') || process.argv.includes('--help');
  const { binary, reason } = browserOnly ? {} : await fetchElectron();
  if (!binary) return openInBrowser(reason);
  forward(spawn(binary, [root, ...process.argv.slice(2)], { stdio: 'inherit' }), () => openInBrowser('Electron could not start here'));
}

async function openInBrowser(reason) {
  if (reason) console.log(`Credence opens in the browser: ${reason}.`);
  onOrphaned(() => process.kill(process.pid, 'SIGTERM'));
  process.argv.splice(2, Infinity, '--open', ...process.argv.slice(2).filter((argument) => argument !== '--browser'));
  await import(pathToFileURL(join(root, 'out/main/host.js')).href);
}

if (onRightNode(import.meta.url)) {
  if (ensureBuild()) await start();
  else process.exitCode = 1;
}
