import { afterEach, describe, expect, it, vi } from 'vitest';
import { backends } from '../../engine/backends';
import type { Backend, Device } from '../../engine/backends/device';
import { sharedWords, words } from '../protocol';
import { openWatchedDevice } from './watched-device';

type Call = 'open' | 'compile' | 'run' | 'launch' | 'collect' | 'download' | 'keepRows' | 'close';

/** A device that does nothing, with what the watcher is told during each call, and what it does instead of nothing. */
async function openStub(during: (call: Call) => void = () => undefined) {
  const shared = sharedWords();
  const told: [Call, number][] = [];
  const call = async (name: Call) => {
    await Promise.resolve();
    told.push([name, shared[words.patience]!]);
    during(name);
  };
  class Stub {
    readonly name = 'The stub';
    readonly #secret = 7;
    memory = () => ({ total: this.#secret, shared: 0 });
    upload = () => ({ specs: {}, download: async () => (await call('download'), {}), write: () => undefined, dispose: () => undefined });
    compile = async () => {
      await call('compile');
      const launches = { launch: () => call('launch'), collect: async () => (await call('collect'), []) };
      return { notes: ['slow'], run: async () => (await call('run'), {}), ...launches, dispose: () => Promise.resolve() };
    };
    keepRows = async () => (await call('keepRows'), null);
    close = () => call('close');
  }
  const stub: Backend = {
    id: 'stub',
    title: 'Stub',
    probe: () => Promise.resolve({ available: true, name: 'Stub' }),
    open: async () => (await call('open'), new Stub() as unknown as Device),
  };
  (backends as Record<string, Backend>)['stub'] = stub;
  const device = await openWatchedDevice('stub', { threads: 1 }, { control: shared.buffer });
  return { device, shared, told };
}
afterEach(() => {
  delete (backends as Record<string, Backend>)['stub'];
  vi.restoreAllMocks();
});

const minutes = (n: number) => n * 60_000;
const step = () => ({ info: {} });

describe('a watched device', () => {
  it('gives every call its time: minutes where drivers compile, then by the fastest run', async () => {
    let now = 0;
    const durations = [100_000, 3000, 2000, 5000, 1]; // ms of each run
    const { device, shared, told } = await openStub((call) => void (now += call === 'run' ? durations.shift()! : 1));
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const program = await device.compile(step, { state: {} });
    const state = device.upload({});
    for (let i = 0; i < 5; i++) {
      await program.run({ state, noise: { seed: 0, step: i } });
      expect(shared[words.patience]).toBe(0); // between calls nothing is awaited, however long it takes
    }
    await program.run({ state, noise: { seed: 0, step: 5 } }).catch(() => undefined);
    await state.download();
    await device.close();
    expect(told).toEqual([
      ['open', minutes(10)],
      ['compile', minutes(10)],
      ['run', minutes(10)],
      ['run', 5_000_000], // 50 times the first
      ['run', 150_000],
      ['run', 100_000],
      ['run', 100_000],
      ['run', minutes(1)], // at least
      ['download', minutes(10)],
      ['close', minutes(10)],
    ]);
    expect(program.notes).toEqual(['slow']);
    expect(device.memory!().total).toBe(7); // what is not a call passes through
  });

  it('gives a device that works ahead its time for all that it was asked', async () => {
    let now = 0;
    const { device, told } = await openStub((call) => void (now += call === 'collect' ? 9000 : call === 'launch' ? 500 : 1));
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const program = await device.compile(step, { state: {} });
    const input = { state: device.upload({}), noise: { seed: 0, step: 0 } };
    for (const launches of [2, 10]) {
      for (let i = 0; i < launches; i++) await program.launch!(input);
      await program.collect!();
    }
    // (2 · 500 + 9000) ms for two: 5 s each, of which 50 times as much may pass, times the ten that are waited for
    expect(told.at(-1)).toEqual(['collect', 50 * 5000 * 10]);
    await device.keepRows!({}); // what only some devices have
    expect(told.at(-1)).toEqual(['keepRows', minutes(10)]);
  });

  it('waits for the most patient of several calls, and tells of each', async () => {
    const { device, shared, told } = await openStub();
    const program = await device.compile(step, { state: {} });
    await program.run({ state: device.upload({}), noise: { seed: 0, step: 0 } });
    const calls = shared[words.calls]!;
    await Promise.all([program.run({ state: device.upload({}), noise: { seed: 0, step: 1 } }), device.compile(step, { state: {} })]);
    expect(told.slice(-2).map(([, patience]) => patience)).toEqual([minutes(10), expect.any(Number)]);
    expect([shared[words.calls]! - calls, shared[words.patience]]).toEqual([4, 0]);
  });

  it('that wakes when nobody waits any more gives nothing back', async () => {
    const { device, shared } = await openStub((call) => void (call === 'run' && (shared[words.abandoned] = 1)));
    const program = await device.compile(step, { state: {} });
    await expect(program.run({ state: device.upload({}), noise: { seed: 0, step: 0 } })).rejects.toMatchObject({ code: 'device-failed' });
  });

  it('that was lost gives that as the reason for all that fails afterwards', async () => {
    const texts: Partial<Record<Call, string>> = { run: 'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST', close: 'Session was released' };
    const { device, told } = await openStub((call) => {
      if (texts[call]) throw new Error(texts[call]);
    });
    const program = await device.compile(step, { state: {} });
    const lost = { code: 'device-failed', message: expect.stringMatching(/^The stub was lost/) as string, details: { fault: 'lost' } };
    await expect(program.run({ state: device.upload({}), noise: { seed: 0, step: 0 } })).rejects.toMatchObject(lost);
    await expect(device.close()).rejects.toMatchObject(lost);
    expect(told.at(-1)).toEqual(['close', minutes(1)]); // and it is not given long
  });
});
