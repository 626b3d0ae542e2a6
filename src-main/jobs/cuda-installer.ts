/** @file Installs CUDA support by onnxruntime-node's own install step, in a process of its own, and tests the result. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openScratchFolder } from '../artifacts/scratch-folder';
import { cudaDevice, type CudaSupport } from '../contract/cuda';
import { reportError, WorkbenchError } from '../contract/errors';
import type { JobContext } from './context';
import { type CudaPackage, findCudaPackage } from './cuda-package';
import type { DeviceList } from './device-list';
import { nodeEnvironment } from './node-process';

export interface CudaInstaller {
  support(): CudaSupport;
  /** Resolves at the end, however it ends; the progress comes by `cuda.changed`. Joins an installation under way. */
  install(): Promise<CudaSupport>;
  /** Ends an installation under way. */
  cancel(): void;
}

type Options = Pick<JobContext, 'emit' | 'log'> & {
  readonly devices: Pick<DeviceList, 'test'>;
  readonly cuda?: CudaPackage;
};

const pollInterval = 200; // ms
const keptOutput = 4000; // characters

export function openCudaInstaller({ emit, log, devices, cuda = findCudaPackage() }: Options): CudaInstaller {
  let state: Pick<CudaSupport, 'lines' | 'fetched' | 'outcome'> = { lines: [], fetched: 0, outcome: null };
  let child: ChildProcess | null = null;
  let installing: Promise<void> | null = null;

  const support = (): CudaSupport => ({ offered: cuda.version !== null, installed: cuda.isInstalled(), installing: installing !== null, ...state });
  const announce = (change: Partial<typeof state>) => {
    state = { ...state, ...change };
    emit('cuda.changed', support());
  };
  const say = (line: string) => announce({ lines: [...state.lines, line] });

  /** @throws WorkbenchError with what went wrong and what to do */
  async function runInstallStep(version: string): Promise<void> {
    const scratch = openScratchFolder();
    const watch = setInterval(() => {
      const fetched = scratch.size();
      if (fetched !== state.fetched) announce({ fetched });
    }, pollInterval);
    try {
      const step = spawn(process.execPath, [cuda.script], {
        // The package's variable goes before what .npmrc says; inside `npm run` it would take itself for its own checkout and do nothing.
        env: { ...nodeEnvironment(), ONNXRUNTIME_NODE_INSTALL: version, npm_config_local_prefix: undefined, TMPDIR: scratch.path },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = step;
      let said = '';
      step.stdout.setEncoding('utf8').on('data', (text: string) => text.trim().split('\n').forEach(say));
      step.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-keptOutput)));
      const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        step.on('error', reject);
        step.on('close', (...end) => resolve(end));
      });
      if (signal) throw new WorkbenchError('cancelled', 'The installation was stopped');
      if (code !== 0) throw new WorkbenchError('download-failed', explain(said, cuda.folder));
      if (!cuda.isInstalled())
        throw new WorkbenchError('download-failed', `The install step of onnxruntime-node ended without its files in ${cuda.folder}; try again`);
    } finally {
      child = null;
      clearInterval(watch);
      scratch.discard();
    }
  }

  async function perform(): Promise<void> {
    if (cuda.version === null)
      throw new WorkbenchError('unsupported', 'onnxruntime-node has CUDA for Linux on x64 alone; on this computer choose the device GPU – WebGPU');
    announce({ lines: [], fetched: 0, outcome: null });
    await runInstallStep(cuda.version);
    say('Testing the devices …');
    const verdict = (await devices.test()).find(({ id }) => id === cudaDevice)?.verdict;
    if (verdict?.outcome === 'passed') announce({ outcome: { works: true, message: `CUDA works: ${Math.round(verdict.rate)} GFLOP/s` } });
    else announce({ outcome: { works: false, message: `CUDA support is installed, but cannot be used yet. ${verdict?.message ?? 'It was not tested'}` } });
  }

  return {
    support,
    async install() {
      installing ??= perform()
        .catch((error: unknown) => {
          const { code, message } = reportError(error);
          if (code !== 'cancelled') log.warn('CUDA support could not be installed', { message });
          announce({ outcome: { works: false, message } });
        })
        .finally(() => {
          installing = null;
          announce({});
        });
      await installing;
      return support();
    },
    cancel: () => void child?.kill(),
  };
}

/** One sentence from what the install step wrote to its standard error. */
function explain(said: string, folder: string): string {
  const lines = said.split('\n');
  const what = (lines.findLast((line) => /^\w*Error\b.*:/.test(line)) ?? lines.findLast((line) => line.trim() !== '') ?? 'it gave no reason').trim();
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(said))
    return `The download’s host cannot be reached (${what}); connect this computer to the internet, or set GLOBAL_AGENT_HTTPS_PROXY to your proxy, then try again`;
  if (/HTTP status code|No package exists|Failed to find specific/.test(said)) return `The download was refused (${what}); try again later`;
  if (/EACCES|EPERM|EROFS/.test(said)) return `There is no permission to write to ${folder} (${what}); start Credence as a user who may`;
  if (/ENOSPC/.test(said)) return `The disk is full (${what}); free 1 GB, then try again`;
  return `The install step of onnxruntime-node failed: ${what}`;
}
