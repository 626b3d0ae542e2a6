/** @file Constructed runs of samplers on which each warning appears, and healthy ones on which none does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { buildBayesianModel } from './bayesian-model';
import { ChainWatch } from './chain-watch';
import { Diagnostician } from './diagnostician';
import { readingsWarn } from './sampler-diagnosis';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train } from './train';

let device: Device;
beforeAll(async () => {
  device = await openDevice('onnxruntime-cpu', { threads: 1 });
});
afterAll(() => device.close());

/** What a sampler of logistic regression on the blobs is warned of. */
async function warnings(method: string, settings: object, epochs: number): Promise<readonly string[]> {
  const spec = blobSpec({
    architecture: { layers: [{ kind: 'output' }] },
    method: { id: method, settings: { burnIn: 0.3, ...settings } },
    training: { epochs, batchSize: 50, validateEvery: epochs },
  });
  const model = buildBayesianModel(spec, blobShape);
  const chains = await ChainWatch.open(model, device, blobData.validation);
  const diagnostician = new Diagnostician(model, epochs, { temperature: 1, ...(chains && { chains }) });
  const said: string[] = [];
  const listener = new Recorder();
  listener.stepMetrics = (_step, values) => diagnostician.note(values);
  listener.draw = (draw) => diagnostician.noteDraw(draw);
  listener.checkpoint = async (checkpoint) => void said.push(...diagnostician.of(checkpoint).map(({ message }) => message));
  await train({ model, device, training: spec.training, data: blobData, from: null, control: () => 'run', listener });
  await chains?.close();
  return said;
}

describe('the diagnosis of a sampler', () => {
  it.each<[string, object, number]>([
    ['sghmc', { preconditioner: 'none', stepSize: 0.2, friction: 0.3, clipping: 0, draws: 100, chains: 2 }, 450],
    ['hmc', { stepSize: 0.3, leapfrogSteps: 5, draws: 100, chains: 2 }, 150],
  ])('is silent on a healthy run of %s', async (method, settings, epochs) => {
    expect(await warnings(method, settings, epochs)).toEqual([]);
  });

  it('warns of a step that is too large', async () => {
    const said = await warnings('sgld', { stepSize: 2.5, draws: 150 }, 450);
    expect(said[0]).toMatch(/^The chain is hotter than it should be: a configurational temperature of \d.*instead of 1.*Halve the step size/);
  });

  it('warns of a momentum that its steps heat', async () => {
    const said = await warnings('sghmc', { preconditioner: 'none', stepSize: 1.3, friction: 0.1, clipping: 0, draws: 100 }, 300);
    expect(said.join('\n')).toMatch(/The momentum is hotter than it should be/);
  });

  it('warns of trajectories that are refused', async () => {
    const said = await warnings('hmc', { stepSize: 4, burnIn: 0, leapfrogSteps: 5, draws: 50 }, 50);
    expect(said[0]).toMatch(/^Only \d+ % of the trajectories were accepted.*third of the step size/);
  });

  it('warns of chains that have not met', async () => {
    const said = await warnings('sgld', { stepSize: 1e-4, draws: 100, chains: 2 }, 150);
    expect(said.at(-1)).toMatch(/^The 2 chains do not agree about predictions: R̂ is up to \d.*at most 1\.01.*Train longer/);
  });
});

describe('its readings', () => {
  const values = (mean: number) => Float64Array.from({ length: 40 }, (_, i) => mean + (i % 2 ? 0.1 : -0.1));

  it('are held against the temperature wanted, with tolerance', () => {
    const ids = (mean: number, temperature: number) => readingsWarn({ configurationalTemperature: values(mean) }, temperature).map(({ id }) => id);
    expect([ids(1.1, 1), ids(0.9, 1), ids(0.55, 0.5), ids(5, 0)]).toEqual([[], [], [], []]);
    expect([ids(1.4, 1), ids(0.7, 1), ids(1, 0.5)]).toEqual([['configurationalTemperature'], ['configurationalTemperature'], ['configurationalTemperature']]);
    expect(readingsWarn({ kineticTemperature: values(0.5) }, 1)[0]!.message).toContain('Do not count it');
  });

  it('say nothing of few draws', () => {
    expect(readingsWarn({ configurationalTemperature: values(9).slice(0, 19) }, 1)).toEqual([]);
  });
});
