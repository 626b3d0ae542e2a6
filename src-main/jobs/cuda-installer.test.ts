import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CudaSupport } from '../contract/cuda';
import type { DeviceReport, DeviceVerdict } from '../contract/device';
import { openCudaInstaller } from './cuda-installer';
import { type CudaPackage, findCudaPackage } from './cuda-package';
import { openTestContext } from './testing';

let context: ReturnType<typeof openTestContext>;
let library: string;
beforeEach(() => {
  context = openTestContext();
  library = join(context.folder.root, 'provider.so');
});
afterEach(() => context.discard());

const report = (verdict: DeviceVerdict) => [{ id: 'onnxruntime-cuda', verdict } as DeviceReport];
const passed = report({
  outcome: 'passed',
  engine: 'onnxruntime-cuda 1',
  rate: 12_345.6,
  rates: { gflops: 1, thinConvolutions: 1, wideConvolutions: 1, bandwidth: 1, normals: 1, operationMs: 1, overhead: 1 },
  difference: 1e-6,
});

/** An installer whose install step is this program. */
function open(step: string, { version = 'cuda12', found = passed }: { version?: string | null; found?: DeviceReport[] } = {}) {
  const script = join(context.folder.root, 'install.cjs');
  writeFileSync(script, `const fs = require('node:fs'), path = require('node:path');\n${step}`);
  const cuda: CudaPackage = { script, version, folder: '/a/folder', isInstalled: () => existsSync(library) };
  const test = vi.fn(() => Promise.resolve(found));
  return { installer: openCudaInstaller({ ...context, devices: { test }, cuda }), test };
}
const changes = () => context.emitted.filter(({ event }) => event === 'cuda.changed').map(({ payload }) => CudaSupport.parse(payload));

it('runs the package’s install step with its progress, and tests the device that comes of it', async () => {
  const { installer, test } = open(`
    console.log('Downloading the package for ' + process.env.ONNXRUNTIME_NODE_INSTALL);
    fs.writeFileSync(path.join(require('node:os').tmpdir(), 'package.nupkg'), Buffer.alloc(3e6));
    setTimeout(() => {
      console.log('Extracting the provider');
      fs.writeFileSync(${JSON.stringify(library)}, process.env.TMPDIR);
    }, 300);`);
  expect(installer.support()).toEqual({ offered: true, installed: false, installing: false, lines: [], fetched: 0, outcome: null });
  const [support, again] = await Promise.all([installer.install(), installer.install()]);
  expect(support).toEqual(again);
  expect(support).toEqual({
    ...{ offered: true, installed: true, installing: false, fetched: 3e6 },
    lines: ['Downloading the package for cuda12', 'Extracting the provider', 'Testing the devices …'],
    outcome: { works: true, message: 'CUDA works: 12346 GFLOP/s' },
  });
  expect(test).toHaveBeenCalledOnce();
  expect(changes().some(({ installing, fetched, installed }) => installing && fetched === 3e6 && !installed)).toBe(true);
  expect(changes().at(-1)).toEqual(support);
  expect(existsSync(readFileSync(library, 'utf8'))).toBe(false); // nothing is left of what was downloaded
});

it('tells why what it installed cannot be used yet', async () => {
  const { installer } = open(`fs.writeFileSync(${JSON.stringify(library)}, '');`, {
    found: report({ outcome: 'absent', message: 'The system does not find libcudnn.so.9' }),
  });
  expect((await installer.install()).outcome).toEqual({
    works: false,
    message: 'CUDA support is installed, but cannot be used yet. The system does not find libcudnn.so.9',
  });
});

// Inside `npm run` the package's step takes itself for a part of its own checkout, and ends at once.
it('does not believe a step that did nothing, nor tells it of npm', async () => {
  vi.stubEnv('npm_config_local_prefix', '/a/project');
  const { installer, test } = open(`console.log(String(process.env.npm_config_local_prefix));`);
  const { outcome, lines } = await installer.install();
  vi.unstubAllEnvs();
  expect(outcome).toEqual({ works: false, message: 'The install step of onnxruntime-node ended without its files in /a/folder; try again' });
  expect(lines).toEqual(['undefined']);
  expect(test).not.toHaveBeenCalled();
});

it.each([
  [
    `require('node:dns').lookup = (_host, _options, done) => done(Object.assign(new Error('getaddrinfo ENOTFOUND api.nuget.org'), {}));
    require('node:https').get('https://api.nuget.org/').on('error', (error) => { throw error; });`,
    /host cannot be reached \(.*ENOTFOUND api\.nuget\.org\); connect this computer/,
  ],
  [`throw new Error('Failed to download from https://x. HTTP status code = 503')`, /was refused \(Error: Failed.*503\)/],
  [`throw Object.assign(new Error("EACCES: permission denied, open '/a/folder/x'"))`, /no permission to write to \/a\/folder/],
  [`throw new Error('ENOSPC: no space left on device')`, /disk is full.*free 1 GB/],
  [`process.exit(3)`, /install step of onnxruntime-node failed: it gave no reason/],
])('says in one sentence what went wrong and what to do: %#', async (step, sentence) => {
  const { installer, test } = open(step);
  const { outcome, installing } = await installer.install();
  expect(outcome).toEqual({ works: false, message: expect.stringMatching(sentence) as string });
  expect(installing).toBe(false);
  expect(test).not.toHaveBeenCalled();
});

it('is stopped by the user, and can be started again', async () => {
  const { installer } = open(`setInterval(() => {}, 1000); console.log('waiting');`);
  const end = installer.install();
  await vi.waitFor(() => expect(installer.support().lines).toEqual(['waiting']), 10_000);
  installer.cancel();
  expect((await end).outcome).toEqual({ works: false, message: 'The installation was stopped' });
  rmSync(join(context.folder.root, 'install.cjs'));
  expect((await installer.install()).outcome?.message).toMatch(/Cannot find module/);
});

it('is offered only where the package has it', async () => {
  const { installer } = open('', { version: null });
  expect(installer.support().offered).toBe(false);
  expect((await installer.install()).outcome?.message).toMatch(/GPU – WebGPU/);
});

it('finds the install step of onnxruntime-node', () => {
  const { script, version, folder, isInstalled } = findCudaPackage();
  expect(existsSync(script)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  expect(version).toBe(process.platform === 'linux' && process.arch === 'x64' ? 'cuda12' : null);
  expect(isInstalled()).toBe(existsSync(join(folder, 'libonnxruntime_providers_cuda.so')));
});
