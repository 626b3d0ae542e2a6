/** @file Whether Electron's window can be had on this machine: a display, and its binary, present or fetched once. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const folder = join(root, 'node_modules', 'electron');
/** Remembers the version whose download failed, so that a machine without that host starts at once ever after. */
const failedMark = join(root, 'out', '.electron-unreachable');
const executables = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

const distribution = (env) => env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
const binaryIn = (env) => join(distribution(env), executables[process.platform] ?? 'electron');
const neededVersion = () => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : null);

/** `{ binary }`, or `{ reason }` in one clause; `canDownload` when only the binary is missing. Never requires 'electron': that would download it. */
export function findElectron(env = process.env) {
  if (!existsSync(join(folder, 'package.json'))) return { reason: 'Electron is not installed' };
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return { reason: 'there is no display' };
  if (process.platform === 'linux' && process.getuid() === 0) return { reason: 'Electron does not run as root' };
  const version = neededVersion();
  const isRight = env.ELECTRON_OVERRIDE_DIST_PATH !== undefined || read(join(distribution(env), 'version')) === version;
  if (existsSync(binaryIn(env)) && isRight) return { binary: binaryIn(env) };
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return { reason: `there is no Electron in ${env.ELECTRON_OVERRIDE_DIST_PATH}` };
  if (read(failedMark) === version) return { reason: `Electron ${version} could not be downloaded earlier (delete ${failedMark} to try again)` };
  return { reason: `Electron ${version} is not downloaded`, canDownload: true };
}

/** Finds Electron, or runs its own installer, once. */
export async function fetchElectron(env = process.env) {
  const found = findElectron(env);
  if (!found.canDownload) return found;
  const reason = await download(neededVersion(), env);
  const fetched = reason === null ? findElectron(env) : { reason };
  if (!fetched.binary) writeFileSync(failedMark, neededVersion());
  return fetched;
}

/** Electron's download never gives up by itself, so its host is tried first, for 5 s. Returns why it failed, or null. */
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
