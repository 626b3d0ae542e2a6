/** Bundles the bench with the app's own sources and runs it: npm run bench -- [--only map,bbp] [--threads 2] [--no-peer] [--json FILE]. */
import { runBundled } from './bundle.mjs';

await runBundled('bench/main.ts', 'bench');
