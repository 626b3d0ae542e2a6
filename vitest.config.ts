import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    include: ['src-main/**/*.test.ts', 'src-renderer/**/*.test.ts'],
    clearMocks: false,
    testTimeout: 30_000,
    // tfjs-core keeps its engine on globalThis; one inlined copy holds kernels and gradients together.
    server: { deps: { inline: [/@tensorflow\//] } },
  },
});
