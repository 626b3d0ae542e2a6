/** Bundles the soak with the app's own sources and runs it: npm run soak -- [--steps 20000] [--stops 200] [--kills 200] [--only steps,stops,kills] [--method ID] [--again] [--list]. */
import { runBundled } from '../bundle.mjs';

await runBundled('bench/soak/main.ts', 'soak');
