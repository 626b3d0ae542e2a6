/** @file Three builds: main (app, host, command line, worker), preload, renderer. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

// One copy of tfjs-core, with its tree-shakable gradients, must be in the bundle; native packages stay outside.
const bundled = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'zod', 'yaml'];

export default defineConfig({
  main: {
    build: {
      externalizeDeps: { exclude: bundled },
      rollupOptions: {
        input: {
          main: 'src-main/main.ts',
          host: 'src-main/host/main.ts',
          cli: 'src-main/cli/main.ts',
          worker: 'src-main/jobs/worker/main.ts',
          process: 'src-main/jobs/process/main.ts',
          clerk: 'src-main/jobs/clerk/main.ts',
          'test-device': 'src-main/jobs/worker/test-device.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: { input: { preload: 'src-main/preload.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [svelte()],
    build: { rollupOptions: { input: 'src-renderer/index.html' }, target: 'es2023', minify: true },
  },
});
