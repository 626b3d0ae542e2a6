/** Bundles the bench with the app's own sources and runs it: npm run bench -- [--only map,bbp] [--threads 2] [--no-peer] [--json FILE]. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: 'bench/main.ts',
    outDir: 'out/bench-l',
    emptyOutDir: true,
    target: 'node22',
    rollupOptions: { output: { format: 'es', entryFileNames: 'bench.js' } },
  },
  // One bundled copy of tfjs-core, as in the app.
  ssr: { noExternal: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'zod'] },
});
process.exitCode = spawnSync(process.execPath, ['out/bench-l/bench.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1;
