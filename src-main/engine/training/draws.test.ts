import { gather, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openDevice } from '../backends';
import { float32 } from '../numerics/host-tensor';
import { StateDraws } from './draw-source';
import { KeptDraws } from './kept-draws';

it('draws each member in turn, and no more than there are', async () => {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const members = device.upload({ w: float32([3, 2], Float32Array.of(0, 1, 10, 11, 20, 21)) });
  const refuse = () => {
    throw new Error('not asked for in this test');
  };
  const model: ConstructorParameters<typeof StateDraws>[0] = {
    identity: 'three',
    method: { id: 'three', title: 'Three', randomDraws: false, metrics: [] },
    algorithm: {
      init: refuse,
      steps: {},
      schedule: refuse,
      members: 3,
      draw: ({ w }, _key, index) => ({ w: reshape(gather(w as Tensor, reshape(index, [1])), [2]) }),
    },
  };
  const source = new StateDraws(model, device, members);
  expect([source.count(2), source.count(100)]).toEqual([2, 3]);
  for (const s of [2, 0, 1]) expect([...(await source.weights(s, 3, 1))['w']!.data]).toEqual([10 * s, 10 * s + 1]);
  await source.close();
  await device.close();
});

const stored = (member: number, step: number) => {
  const draw = { member, step, loads: 0, load: async () => (draw.loads++, { w: float32([1], Float32Array.of(100 * member + step)) }) };
  return draw;
};

// Mutations caught: draws of one chain only; the oldest instead of the newest; a file read again for each study.
it('takes fewer kept draws than there are evenly from all chains, the newest included, and reads each once', async () => {
  const draws = [1, 2, 3, 4].flatMap((step) => [stored(0, step), stored(1, step)]); // as they were kept
  const kept = new KeptDraws(draws);
  const values = async (count: number) => {
    const of: number[] = [];
    for (let s = 0; s < count; s++) of.push((await kept.weights(s, count))['w']!.data[0]!);
    return of;
  };
  expect([kept.count(100), kept.count(4)]).toEqual([8, 4]);
  expect(await values(8)).toEqual([1, 2, 3, 4, 101, 102, 103, 104]);
  expect(await values(4)).toEqual([2, 4, 102, 104]);
  expect(await values(1)).toEqual([104]);
  expect(draws.map(({ loads }) => loads)).toEqual(draws.map(() => 1));
});
