import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backends } from '../../engine/backends';
import type { Backend, Device } from '../../engine/backends/device';
import { job, spec, WorkerInTest } from './testing';

/** The CPU, which at its n-th run of a program throws what a provider has been seen to throw. */
const failing = (atRun: number, text: string): Backend => ({
  id: 'failing',
  title: 'Failing',
  probe: () => Promise.resolve({ available: true, name: 'Failing' }),
  async open(options) {
    const device = await backends['onnxruntime-cpu']!.open(options);
    let runs = 0;
    const compile: Device['compile'] = async (...asked) => {
      const program = await device.compile(...asked);
      const run: typeof program.run = (input) => (++runs >= atRun ? Promise.reject(new Error(text)) : program.run(input));
      return { ...program, run };
    };
    const close = () => device.close();
    return { ...device, name: 'GPU – WebGPU', engine: 'failing', backend: 'failing', threads: 1, upload: (state) => device.upload(state), compile, close };
  },
});

describe('a worker whose device fails', () => {
  let worker: WorkerInTest;
  beforeEach(async () => void (worker = new WorkerInTest(await mkdtemp(join(tmpdir(), 'credence-worker-')))));
  afterEach(async () => {
    delete (backends as Record<string, Backend>)['failing'];
    worker.close();
    await rm(worker.folder, { recursive: true });
  });
  const train = async (backend: Backend, changes: object = {}) => {
    (backends as Record<string, Backend>)['failing'] = backend;
    worker.post(job({ spec: spec({}, { compute: { device: 'failing' }, ...changes }) }));
    return (await worker.next('failed')).error;
  };

  it('says that it was lost, after all rows that it computed', async () => {
    const error = await train(failing(4, 'Non-zero status code returned: vkQueueSubmit failed with VK_ERROR_DEVICE_LOST'));
    expect(error).toMatchObject({ code: 'device-failed', message: expect.stringMatching(/^GPU – WebGPU was lost/) as string, details: { fault: 'lost' } });
    const rows = worker.all('metrics').filter(({ scope }) => scope === 'step');
    expect(rows.flatMap(({ chunk }) => [...chunk.steps])).toEqual([1, 2]); // the first run makes the state
  });

  it('says what would take less memory', async () => {
    const error = await train(failing(1, 'Buffer size (4294967296) exceeds the max buffer size limit (1073741824).'), {
      method: { id: 'bbp', settings: { draws: 3, firstEpochDraws: 10 } },
    });
    expect(error).toMatchObject({ code: 'device-failed', details: { fault: 'memory', share: 0.25 } });
    expect(error.message).toBe(
      'GPU – WebGPU has not enough memory (4.0 GB were asked for in one piece, 1.0 GB is its limit); ' +
        'duplicate the run with 12 rows in a batch (instead of 50), or 2 draws per step (instead of 10)',
    );
  });
});
