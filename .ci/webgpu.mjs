/** @file Tests of kernels, devices and every method's step on WebGPU, by the software adapter that comes with Chromium on Linux; in processes of their own, since a driver may crash. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { findChromium } from '../e2e/chromium.mjs';

const driver = 'vk_swiftshader_icd.json';
const tests = [
  'src-main/engine/backends/backends.conformance.test.ts',
  'src-main/engine/compiler/kernels.conformance.test.ts',
  'src-main/engine/compiler/window-kernels.conformance.test.ts',
  'src-main/engine/training/convolution.test.ts',
  'src-main/engine/training/step-queue.test.ts',
];

/** Where SwiftShader lies beside Chromium, if anywhere. */
function findAdapter() {
  const chromium = process.platform === 'linux' && findChromium();
  return chromium && [dirname(realpathSync(chromium)), '/usr/lib/chromium'].find((folder) => existsSync(join(folder, driver)));
}

function run() {
  const folder = findAdapter();
  if (!folder) {
    console.log('NOT RUN: the tests on WebGPU (there is no Chromium with a software adapter on this machine).');
    return 0;
  }
  const first = runTests(folder);
  if (!first.crashed) return first.status;
  console.log('\nThe software adapter crashed a process of tests, and no test failed: once more, and that is final.\n');
  return runTests(folder).status;
}

/** `crashed`: a process of tests died, which says nothing of the tests; software adapters do that now and then. */
function runTests(folder) {
  // The large networks take minutes in software.
  const args = ['vitest', 'run', '--pool=forks', ...tests, '--testNamePattern', '^(?!lenet|small-vgg)'];
  const { status, stdout } = spawnSync('npx', args, {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...process.env,
      CREDENCE_DEVICE: 'onnxruntime-webgpu',
      VK_ICD_FILENAMES: join(folder, driver),
      LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'), // Vulkan's loader
      XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp',
    },
  });
  process.stdout.write(stdout);
  return { status: status ?? 1, crashed: status !== 0 && !/Tests .*failed/.test(stripVTControlCharacters(stdout)) };
}

process.exitCode = run();
