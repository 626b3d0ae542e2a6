/** @file Runs on any Node from 18: finds one that the SQLite binding can live with (Node-API 10; it crashes on older ones). */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

/** npm does not pass every signal on: if it dies, what it started must end too. A shell may stand between, and live on. */
export function onOrphaned(end) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = describeProcess(process.ppid);
  const watched = parent && /^(ba|da|z)?sh$/.test(parent.name) ? [process.ppid, parent.parent] : [process.ppid];
  const timer = setInterval(() => {
    if (watched.every(isAlive)) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}

/** Name and parent of a process; null if the system does not say. */
function describeProcess(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
  const fromPs = /^\s*(\d+)\s+(?:.*\/)?(\S+)\s*$/.exec(stdout ?? '');
  if (fromPs) return { parent: Number(fromPs[1]), name: fromPs[2] };
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const fromProc = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return fromProc && { parent: Number(fromProc[2]), name: fromProc[1] };
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
