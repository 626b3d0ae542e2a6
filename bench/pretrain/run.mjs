/** Bundles the making of the pretrained models with the app's own sources and runs it: npm run pretrain -- [--only ID,ID] [--again] [--check] [--list] [--threads N]. */
import { runBundled } from '../bundle.mjs';

await runBundled('bench/pretrain/main.ts', 'pretrain');
