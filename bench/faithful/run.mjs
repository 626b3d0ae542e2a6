/** Bundles the long proofs with the app's own sources and runs them: npm run faithful -- [mnist …] [--only ID,ID] [--method ID] [--again] [--list]. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: 'bench/faithful/main.ts',
    outDir: 'out/faithful',
    emptyOutDir: true,
    target: 'node22',
    rollupOptions: { output: { format: 'es', entryFileNames: 'faithful.js' } },
  },
  // One bundled copy of tfjs-core, as in the app.
  ssr: { noExternal: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'zod'] },
});
process.exitCode = spawnSync(process.execPath, ['out/faithful/faithful.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 130;
