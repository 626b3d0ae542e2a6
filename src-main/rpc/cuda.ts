/** @file Handlers of `cuda.*`. */
import type { Handlers } from '../contract/rpc';
import type { CudaInstaller } from '../jobs/cuda-installer';

type CudaHandlers = Pick<Handlers, Extract<keyof Handlers, `cuda.${string}`>>;

export const cudaHandlers = ({ cuda }: { cuda: CudaInstaller }): CudaHandlers => ({
  'cuda.support': () => cuda.support(),
  'cuda.install': () => cuda.install(),
  'cuda.cancel': () => cuda.cancel(),
});
