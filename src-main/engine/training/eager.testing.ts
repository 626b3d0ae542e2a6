import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { keep, scalar, setBackend, Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Device, DeviceState } from '../backends/device';
import type { HostTensor, HostTensors } from '../numerics/host-tensor';
import { flattenTree, unflattenTree } from '../numerics/tree';
import { seededNoise } from '../inference/testing';

const isTensor = (l: unknown): l is Tensor => l instanceof Tensor;
const host = (t: Tensor): HostTensor =>
  t.dtype === 'int32'
    ? { dtype: 'int32', shape: t.shape, data: t.dataSync<'int32'>().slice() }
    : { dtype: 'float32', shape: t.shape, data: t.dataSync<'float32'>().slice() };
const device = (t: HostTensor) => tensor(t.data, [...t.shape], t.dtype);
class EagerState implements DeviceState {
  constructor(public tensors: HostTensors) {}
  get specs() {
    return this.tensors;
  }
  async download() {
    return Object.fromEntries(Object.entries(this.tensors).map(([n, t]) => [n, { ...t, data: t.data.slice() } as HostTensor]));
  }
  dispose() {}
}
export async function eager(): Promise<Device> {
  await setBackend('cpu');
  void keep;
  return {
    backend: 'eager',
    name: 'eager',
    engine: 'eager 0',
    threads: 1,
    upload: (s) => new EagerState(s),
    async compile(step) {
      return {
        async run({ state, batch = {}, hyper = {}, noise }) {
          const info: Record<string, HostTensor> = {};
          tidy(() => {
            const s = unflattenTree(Object.entries((state as EagerState).tensors).map(([n, t]) => [n, device(t)] as const));
            const out = step(
              s as never,
              Object.fromEntries(Object.entries(batch).map(([n, t]) => [n, device(t)])),
              { source: seededNoise(noise.seed, noise.step), address: 0 },
              Object.fromEntries(Object.entries(hyper).map(([n, v]) => [n, scalar(v)])),
            );
            if (out.state) (state as EagerState).tensors = Object.fromEntries(flattenTree(out.state, isTensor).map(([n, t]) => [n, host(t)]));
            for (const [n, t] of Object.entries(out.info)) info[n] = host(t);
          });
          return info;
        },
        async dispose() {},
      };
    },
    async close() {},
  };
}
