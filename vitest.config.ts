import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    conditions: ['browser'],
    // Vitest would take the bundles for Node, which hold a second copy of what `dist/register_all_gradients` imports.
    alias: [{ find: /^@tensorflow\/(tfjs-core|tfjs-backend-cpu)$/, replacement: '@tensorflow/$1/dist/index.js' }],
  },
  test: {
    include: ['src-main/**/*.test.ts', 'src-renderer/**/*.test.ts'],
    clearMocks: false,
    testTimeout: 30_000,
    // Fresh modules for each of 77 files cost more than all the tests; none of them leaves anything behind.
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // tfjs-core keeps its engine on globalThis; one inlined copy holds kernels and gradients together.
    server: { deps: { inline: [/@tensorflow\//] } },
  },
});
