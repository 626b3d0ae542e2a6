/** @file `install-cuda`: fetches ONNX Runtime's CUDA libraries and tests what they can do here. */
import { cudaNeeds, type CudaSupport } from '../contract/cuda';
import { onInterrupt } from '../host/interrupt';
import { exitCodes } from './exit-codes';
import type { Session } from './session';

export async function installCuda({ client }: Session): Promise<number> {
  console.error(cudaNeeds.join('\n'));
  let told = 0;
  const tell = ({ lines, fetched, installing }: CudaSupport) => {
    if (!installing) return;
    const clear = process.stderr.isTTY ? '\r\x1b[2K' : '';
    for (const line of lines.slice(told)) console.error(`${clear}${line}`);
    told = lines.length;
    if (process.stderr.isTTY && fetched > 0) process.stderr.write(`${clear}${Math.round(fetched / 1e6)} MB`);
  };
  const stops = [
    client.on('cuda.changed', tell),
    onInterrupt({ stop: () => void client.call('cuda.cancel', null), leave: () => process.exit(exitCodes.stopped) }),
  ];
  const { outcome } = await client.call('cuda.install', null).finally(() => stops.forEach((stop) => stop()));
  (outcome?.works ? console.log : console.error)(`${outcome?.message ?? 'The installation has not ended'}.`);
  return outcome?.works ? exitCodes.succeeded : exitCodes.failed;
}
