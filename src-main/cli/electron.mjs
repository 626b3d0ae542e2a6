/** @file Whether Electron's window can be had on this machine: a display, and its binary, present or fetched once. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const folder = join(root, 'node_modules', 'electron');
/** Remembers the version whose download failed, so that a machine without that host starts at once ever after. */
const failedMark = join(root, 'out', '.electron-unreachable');

const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/** `{ binary }`, or `{ reason }` in one clause. */
export async function findElectron(env = process.env) {
  if (!existsSync(join(folder, 'package.json'))) return { reason: 'Electron is not installed' };
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return { reason: 'there is no display' };
  if (process.platform === 'linux' && process.getuid() === 0) return { reason: 'Electron does not run as root' };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (isPresent(version, env)) return { binary: binaryPath(env) };
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return { reason: `there is no Electron in ${env.ELECTRON_OVERRIDE_DIST_PATH}` };
  if (existsSync(failedMark) && readFileSync(failedMark, 'utf8') === version)
    return { reason: `Electron ${version} could not be downloaded earlier (delete ${failedMark} to try again)` };
  const reason = await download(version, env);
  if (reason === null && isPresent(version, env)) return { binary: binaryPath(env) };
  writeFileSync(failedMark, version);
  return { reason: reason ?? `Electron ${version} could not be unpacked` };
}

const binaryPath = (env) => join(env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), executables[process.platform] ?? 'electron');

function isPresent(version, env) {
  if (!existsSync(binaryPath(env))) return false;
  const mark = join(env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), 'version');
  return env.ELECTRON_OVERRIDE_DIST_PATH !== undefined || (existsSync(mark) && readFileSync(mark, 'utf8').trim().replace(/^v/, '') === version);
}

/** Runs Electron's own installer, once. Its download never gives up by itself, so the host is tried first, for 5 s. */
async function download(version, env) {
  const host = env.ELECTRON_MIRROR ?? env.npm_config_electron_mirror ?? 'https://github.com/';
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
  } catch (error) {
    return `Electron ${version} cannot be downloaded (${new URL(host).host} does not answer: ${error.cause?.code ?? error.name})`;
  }
  console.log(`Downloading Electron ${version} (about 120 MB, once) …`);
  const { status } = spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'inherit', timeout: 15 * 60_000 });
  return status === 0 ? null : `the download of Electron ${version} failed`;
}
