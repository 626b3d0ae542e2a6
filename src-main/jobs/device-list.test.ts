import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceReport, type DeviceVerdict, type Hardware } from '../contract/device';
import { writeDeviceVerdicts } from '../store/device-verdicts';
import { getRun } from '../store/runs';
import { type DeviceList, type DeviceListOptions, openDeviceList } from './device-list';
import { openRunQueue } from './run-queue';
import { behaving, openTestContext } from './testing';

const rates = { gflops: 1, thinConvolutions: 1, wideConvolutions: 1, bandwidth: 1, normals: 1, operationMs: 1, overhead: 1 };

/** Speaks like test-device; the device's id says what befalls it. */
const stub = `
const [, , id] = process.argv;
const rates = ${JSON.stringify(rates)};
const pass = (rate) => process.send({ outcome: 'passed', engine: id + ' 1', rate, rates, difference: 1e-7 });
console.log('a driver that talks');
if (id === 'onnxruntime-cpu') pass(100);
if (id === 'fast-gpu') pass(9000);
if (id === 'none-gpu') process.send({ outcome: 'absent', message: 'No GPU answers' });
if (id === 'crashing-gpu') process.kill(process.pid, 'SIGSEGV');
if (id === 'throwing-gpu') throw new Error('libvulkan.so.1 is not there');
if (id === 'rubbish-gpu') process.send({ outcome: 'passed', rate: 'very' });
if (id === 'hanging-gpu') setInterval(() => {}, 1000);
`;
const kind = (id: string) => ({ id, title: `The ${id}`, reference: id === 'tfjs-cpu' });
const hardware: Hardware = { cpu: { name: 'A processor', memory: 2 ** 30 }, gpu: { name: 'A card', memory: null, driver: '1.0' } };

let context: ReturnType<typeof openTestContext>;
let entry: string;
beforeEach(() => {
  context = openTestContext();
  entry = join(context.folder.root, 'test-device.mjs');
  writeFileSync(entry, stub);
});
afterEach(() => context.discard());

const open = (ids: readonly string[], options: Partial<DeviceListOptions> = {}): DeviceList =>
  openDeviceList({
    ...{ ...context, entry, engine: 'engine 1', patience: 20_000 },
    ...{ kinds: () => Promise.resolve(ids.map(kind)), hardware: () => Promise.resolve(hardware) },
    ...options,
  });

/** The devices that were found here before, by their rate; null: it failed. */
const openKnown = async (found: { readonly [id: string]: number | null }): Promise<DeviceList> => {
  const verdict = (rate: number | null): DeviceVerdict =>
    rate === null ? { outcome: 'failed', message: 'It crashed (SIGSEGV)' } : { outcome: 'passed', engine: 'e', rate, rates, difference: 0 };
  const tests = Object.entries(found).map(([id, rate]) => ({ ...kind(id), verdict: verdict(rate), testedAt: 1 }));
  await writeDeviceVerdicts(context.folder.root, { engine: 'engine 1', hardware, tests });
  return open(Object.keys(found));
};

describe('a list of devices', () => {
  it('tells each device as its test found it, whatever befalls the test', async () => {
    const devices = open(['onnxruntime-cpu', 'none-gpu', 'crashing-gpu', 'throwing-gpu', 'rubbish-gpu', 'tfjs-cpu']);
    expect((await devices.list()).map(({ verdict, name }) => [verdict, name])).toEqual(Array(6).fill([null, null]));
    const reports = await devices.test();
    expect(reports.map(({ verdict }) => verdict)).toMatchObject([
      { outcome: 'passed', engine: 'onnxruntime-cpu 1', rate: 100, difference: 1e-7 },
      { outcome: 'absent', message: 'No GPU answers' },
      { outcome: 'failed', message: expect.stringMatching(/crashed \(SIGSEGV\)\. Update the graphics card’s driver/) as string },
      { outcome: 'failed', message: expect.stringMatching(/ended with exit code 1.*libvulkan.so.1 is not there/s) as string },
      { outcome: 'failed', message: expect.stringMatching(/something that is no result/) as string },
      null, // the reference
    ]);
    expect(reports.slice(0, 2).map(({ name, memory }) => [name, memory])).toEqual([
      ['A processor', 2 ** 30],
      ['A card', null],
    ]);
    const changes = context.emitted.filter(({ event }) => event === 'devices.changed').map(({ payload }) => DeviceReport.array().parse(payload));
    expect(changes[0]!.map(({ testing }) => testing)).toEqual([true, true, true, true, true, false]);
    expect(changes.at(-1)!.some(({ testing }) => testing)).toBe(false);
  });

  it('ends a test that hangs', async () => {
    const [report] = await open(['hanging-gpu'], { patience: 300 }).test();
    expect(report?.verdict).toEqual({ outcome: 'failed', message: expect.stringMatching(/did not end within 0.3 s/) as string });
  });

  it('remembers what it found until the engine or the hardware changes', async () => {
    await open(['onnxruntime-cpu', 'fast-gpu']).test();
    const verdicts = async (devices: DeviceList) => (await devices.list()).map(({ verdict }) => verdict?.outcome);
    writeFileSync(entry, 'process.send({ outcome: "absent", message: "gone" })');
    const again = open(['onnxruntime-cpu', 'fast-gpu']);
    expect(await verdicts(again)).toEqual(['passed', 'passed']);
    expect((await again.update()).map(({ verdict }) => verdict?.outcome)).toEqual(['passed', 'passed']);
    expect(await verdicts(open(['fast-gpu'], { engine: 'engine 2' }))).toEqual([undefined]);
    const other = open(['fast-gpu'], { hardware: () => Promise.resolve({ ...hardware, gpu: { name: 'A card', memory: null, driver: '1.1' } }) });
    expect((await other.update()).map(({ verdict }) => verdict?.outcome)).toEqual(['absent']);
  });
});

describe('the choice of a device', () => {
  it('is the CPU until something is known, then the fastest, but stays where the job has been', async () => {
    expect(open(['onnxruntime-cpu', 'fast-gpu']).choose('auto')).toBe('onnxruntime-cpu');
    const devices = await openKnown({ 'onnxruntime-cpu': 100, 'fast-gpu': 9000, 'crashing-gpu': null });
    expect(devices.choose('auto')).toBe('fast-gpu');
    expect(devices.choose('auto', 'onnxruntime-cpu')).toBe('onnxruntime-cpu');
    expect(devices.choose('auto', 'crashing-gpu')).toBe('fast-gpu');
    devices.refuse('fast-gpu', 'it was lost');
    expect(devices.choose('auto', 'fast-gpu')).toBe('onnxruntime-cpu');
  });

  it('keeps to what is asked for, or says why not; a substitute is found where any device will do', async () => {
    expect(open(['crashing-gpu']).choose('crashing-gpu')).toBe('crashing-gpu'); // it may be tried
    const devices = await openKnown({ 'onnxruntime-cpu': 100, 'fast-gpu': 9000, 'crashing-gpu': null });
    expect(devices.choose('onnxruntime-cpu')).toBe('onnxruntime-cpu');
    expect(() => devices.choose('crashing-gpu')).toThrow(/The crashing-gpu has failed its test: .*SIGSEGV/);
    expect(devices.substitute('crashing-gpu')).toBe('fast-gpu');
    expect(devices.substitute('onnxruntime-cpu')).toBe('onnxruntime-cpu');
    devices.refuse('fast-gpu', 'it was lost');
    expect(() => devices.choose('fast-gpu')).toThrow(/The fast-gpu is not used again until Credence is restarted \(it was lost\)/);
    expect((await devices.list())[1]?.refused).toBe('it was lost');
  });

  it('can be changed while a run does not train', async () => {
    const queue = openRunQueue(context);
    const { id } = queue.enqueue(behaving({ steps: 10_000, delay: 1 }), 'long');
    expect(() => queue.setDevice(id, 'fast-gpu')).toThrow(/'long' is running; stop it/);
    queue.stop(id);
    await vi.waitFor(() => expect(getRun(context.db, id).status).toBe('stopped'), { interval: 3, timeout: 15_000 });
    queue.setDevice(id, 'fast-gpu');
    expect(getRun(context.db, id).spec.compute).toEqual({ device: 'fast-gpu', threads: 0 });
    await queue.close();
  });

  // Mutation caught: a worker that gets no job and waits for ever, its run 'running'.
  it('fails a run that asks for a refused one, with the reason, and lets the next run go', async () => {
    const queue = openRunQueue(context);
    context.devices.refuse('onnxruntime-webgpu', 'a step did not end within 60 s');
    const asking = queue.enqueue({ ...behaving({ steps: 1 }), compute: { device: 'onnxruntime-webgpu', threads: 1 } }, 'on the GPU').id;
    const next = queue.enqueue(behaving({ steps: 1 }), 'next').id;
    await vi.waitFor(() => expect(getRun(context.db, next).status).toBe('succeeded'), { interval: 3, timeout: 15_000 });
    const { status, error } = getRun(context.db, asking);
    expect(status).toBe('failed');
    expect(error?.message).toMatch(/onnxruntime-webgpu is not used again until Credence is restarted \(a step did not end within 60 s\)/);
    await queue.close();
  });
});
