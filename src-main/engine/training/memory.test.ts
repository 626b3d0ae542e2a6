/** @file Too little memory is found out before training, with figures that fit indeed. */
import { afterEach, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { rememberPrograms } from '../backends/program-store';
import { requireMemory } from './memory';

let device: Device | undefined;
afterEach(async () => {
  await device?.close();
});

const data = { task: { kind: 'classification', outputs: 10 }, inputShape: [20], rows: 1_000_000 } as const;
const specOf = (method: RunSpec['method'], batchSize: number) =>
  RunSpec.parse({
    dataset: { id: 'rows' },
    architecture: { layers: [{ kind: 'dense', settings: { units: 128 } }, { kind: 'dense', settings: { units: 128 } }, { kind: 'output' }] },
    likelihood: { id: 'categorical' },
    method,
    training: { batchSize },
  });
const programs = rememberPrograms();
async function refusal(spec: RunSpec, memory: number): Promise<string | null> {
  await device?.close();
  device = await openDevice('onnxruntime-cpu', { threads: 1, memory, programs });
  return requireMemory(spec, data, device).then(
    () => null,
    (error: Error) => error.message,
  );
}
const figure = (message: string | null, what: RegExp) => Number(what.exec(message ?? '')?.[1]?.replaceAll(',', ''));

it('refuses a batch that does not fit, with the largest that does', async () => {
  const map = (rows: number) => specOf({ id: 'map', settings: {} }, rows);
  const memory = 64 * 2 ** 20;
  expect(await refusal(map(100), memory)).toBeNull();
  const message = await refusal(map(100_000), memory);
  expect(message).toMatch(/^This run takes about 0\.\d+ GB of memory, and 0\.063 GB can be had; choose a batch size of at most [\d,]+ \(instead of 100,000\)$/);
  const fitting = figure(message, /at most ([\d,]+) \(/);
  // By hand: 128 activations twice, the logits and their gradients, and what lies between; 2.4 times what is alive at once.
  expect(fitting).toBeGreaterThan(5_000);
  expect(fitting).toBeLessThan(50_000);
  expect(await refusal(map(fitting), memory)).toBeNull();
  expect(await refusal(map(Math.ceil(fitting * 1.05)), memory)).not.toBeNull();
});

it('offers fewer draws where they are what takes the memory', async () => {
  const bbp = (draws: number) => specOf({ id: 'bbp', settings: { draws, firstEpochDraws: draws } }, 10);
  const memory = 2 ** 20;
  expect(await refusal(bbp(1), memory)).toBeNull();
  const message = await refusal(bbp(6), memory);
  const fitting = figure(message, /choose at most ([\d,]+) draws per step \(instead of 6\)$/);
  expect(await refusal(bbp(fitting), memory)).toBeNull();
  expect(await refusal(bbp(fitting + 1), memory)).not.toBeNull();
});

it('says so when nothing would fit', async () => {
  expect(await refusal(specOf({ id: 'map', settings: {} }, 100), 2 ** 10)).toMatch(/choose a smaller network$/);
});
