/** @file Runs on any Node from 18: finds one that the SQLite binding can live with (Node-API 10; it crashes on older ones). */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Goes on in this process if its Node is new enough, else runs `script` again under the Node that npm installed. Returns whether to go on. */
export function onRightNode(script) {
  if (Number(process.versions.napi) >= 10) return true;
  const binary = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    console.error(
      `Credence needs Node 22.14 or newer; this is Node ${process.versions.node}. Install a newer Node, or run npm install again (on Linux and Windows it brings one).`,
    );
    process.exitCode = 1;
    return false;
  }
  forward(spawn(binary, [fileURLToPath(script), ...process.argv.slice(2)], { stdio: 'inherit', cwd: process.cwd() }));
  return false;
}

/** An Electron that dies sooner than this, ms, could not start here at all (no sandbox, missing libraries). */
const stillborn = 4000;

/**
 * Ends when `child` ends, with its exit code, and passes signals on. Ctrl-C reaches the child by itself, from the terminal.
 * A child that fails at once calls `onStillborn` instead, where given.
 */
export function forward(child, onStillborn) {
  const began = Date.now();
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  onOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    const couldNotStart = code !== 0 && !child.killed && signal !== 'SIGINT' && Date.now() - began < stillborn;
    if (couldNotStart && onStillborn) onStillborn();
    else process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
}

/** npm does not pass every signal on: if it dies, what it started must end too. */
export function onOrphaned(end) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}
