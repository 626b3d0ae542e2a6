/** Bundles a program with the app's own sources, so that both hold one copy of each module, and runs it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One bundled copy of tfjs-core, as in the app. */
const asInApp = { noExternal: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'zod'] };

/** `entry`: path from the project's root; `name`: of the bundle's folder, in out/, and of its file; `ssr`: which packages are part of it. */
export async function bundle(entry, name, ssr = asInApp) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: entry,
      outDir: `out/${name}`,
      emptyOutDir: true,
      target: 'node22',
      rollupOptions: { output: { format: 'es', entryFileNames: `${name}.js` } },
    },
    ssr,
  });
}

/** As `bundle`; then runs it. Arguments and exit status are passed on. */
export async function runBundled(entry, name) {
  await bundle(entry, name);
  process.exitCode = spawnSync(process.execPath, [`out/${name}/${name}.js`, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 130;
}
