/** Bundles the soak with the app's own sources and runs it: npm run soak -- [--steps 20000] [--stops 200] [--kills 200] [--only steps,stops,kills] [--method ID] [--again] [--list]. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: 'bench/soak/main.ts',
    outDir: 'out/soak',
    emptyOutDir: true,
    target: 'node22',
    rollupOptions: { output: { format: 'es', entryFileNames: 'soak.js' } },
  },
  // One bundled copy of tfjs-core, as in the app.
  ssr: { noExternal: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'zod'] },
});
process.exitCode = spawnSync(process.execPath, ['out/soak/soak.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 130;
