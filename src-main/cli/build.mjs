/** @file Builds Credence when out/ is missing or older than the sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const sources = ['src-main', 'src-renderer', 'resources', 'package.json', 'package-lock.json', 'electron.vite.config.ts'];
const products = ['out/main/main.js', 'out/main/host.js', 'out/main/cli.js', 'out/main/worker.js', 'out/main/process.js', 'out/main/test-device.js', 'out/preload/preload.cjs', 'out/renderer/index.html'];

/** Newest modification under `path`, ms; tests do not count. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const entries = readdirSync(path).filter((name) => !/\.(test|spec)\.ts$/.test(name));
  return Math.max(stat.mtimeMs * Number(entries.length === 0), ...entries.map((name) => newest(join(path, name))));
}

export function isBuilt() {
  const files = products.map((file) => join(root, file));
  if (!files.every((file) => existsSync(file))) return false;
  const built = Math.min(...files.map((file) => statSync(file).mtimeMs));
  return sources.map((source) => join(root, source)).every((source) => !existsSync(source) || newest(source) <= built);
}

/** Returns whether there is a build to run. Progress goes to stderr, so that a command's output stays clean. */
export function ensureBuild() {
  if (isBuilt()) return true;
  process.stderr.write('Building Credence (once, about half a minute) … ');
  const began = Date.now();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  process.stderr.write(status === 0 ? `done in ${((Date.now() - began) / 1000).toFixed(1)} s\n` : `failed\n${error?.message ?? ''}${stdout}${stderr}\n`);
  return status === 0;
}
