/** Bundles the long proofs with the app's own sources and runs them: npm run faithful -- [mnist …] [--only ID,ID] [--method ID] [--again] [--list]. */
import { runBundled } from '../bundle.mjs';

await runBundled('bench/faithful/main.ts', 'faithful');
