/** @file The bench of a GPU alone, as it is packed for a machine that has one: gpu-proof [--device ID] [--only map,bbp,host,predictive] [--net 1200-1200] [--threads N] [--no-peer]. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { benchGpu } from './gpu';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'onnxruntime-webgpu' },
    only: { type: 'string' },
    net: { type: 'string', default: '1200-1200' },
    threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    'no-peer': { type: 'boolean', default: false },
  },
});

benchGpu({
  device: flags.device,
  threads: Number(flags.threads),
  only: flags.only?.split(',') ?? null,
  peers: !flags['no-peer'],
  net: flags.net.split('-').map(Number),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
