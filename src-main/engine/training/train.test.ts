import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { rememberPrograms } from '../backends/program-store';
import type { Time } from '../inference/method';
import { buildBayesianModel } from './bayesian-model';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train, type Checkpoint, type TrainingOptions } from './train';

type Command = ReturnType<TrainingOptions['control']>;

const specs = {
  MAP: blobSpec(),
  'MAP with Adam': blobSpec({ method: { id: 'map', settings: { optimiser: 'adam', learningRate: 0.05 } } }),
  'Bayes by Backprop': blobSpec({ method: { id: 'bbp', settings: { draws: 2, firstEpochDraws: 3, learningRate: 0.2, klSchedule: 'blundell' } } }),
};

describe.each(['tfjs-cpu', 'onnxruntime-cpu'])('train on %s', async (backend) => {
  const device = await openDevice(backend, { threads: 1, programs: rememberPrograms() });
  async function trained(
    spec = specs.MAP,
    { from = null, recorder = new Recorder(), control = () => 'run' }: { from?: Checkpoint | null; recorder?: Recorder; control?: () => Command } = {},
  ) {
    const model = buildBayesianModel(spec, blobShape);
    const outcome = await train({ model, device, training: spec.training, data: blobData, from, control, listener: recorder });
    return { outcome, recorder, last: recorder.checkpoints.at(-1)! };
  }

  // One method on the slow oracle: that the others step alike on both devices is tested elsewhere.
  const learners = Object.entries(specs).slice(0, backend === 'tfjs-cpu' ? 1 : undefined);
  it.each(learners)('learns to tell two blobs apart by %s', async (_name, spec) => {
    const { outcome, recorder, last } = await trained({ ...spec, training: { ...spec.training, epochs: 25, validateEvery: 10 } });
    expect(outcome).toBe('succeeded');
    expect(last.step).toBe(25 * 7);
    expect(recorder.steps.map(({ step }) => step)).toEqual(Array.from({ length: 175 }, (_, i) => i + 1));
    expect(recorder.epochs.map(({ step }) => step / 7)).toEqual([10, 20, 25]); // every tenth, and the last
    const { trainError, validationError, validationNll } = recorder.epochs.at(-1)!.values;
    expect(trainError).toBeLessThanOrEqual(0.02);
    expect(validationError).toBeLessThanOrEqual(0.025);
    expect(validationNll).toBeLessThan(0.2);
    expect(recorder.said.at(-1)).toMatchObject({ step: 175, steps: 175, epoch: 25, epochs: 25, message: 'finished' });
  });

  // Mutation caught: anything but parameters and step that the next step depends on, such as a generator that was not rewound.
  const resumed = Object.entries(specs).slice(backend === 'tfjs-cpu' ? 1 : 0); // with Adam and with noise; MAP has less to lose than either
  it.each(resumed)('goes on from any checkpoint bit by bit as if never stopped: %s', async (_name, spec) => {
    const whole = await trained(spec);
    for (const stopAt of [7, 10]) {
      let command: Command = 'run';
      const stopping = new Recorder((step) => (command = step === stopAt ? 'stop' : command));
      const first = await trained(spec, { recorder: stopping, control: () => command });
      expect(first.outcome).toBe('stopped');
      expect(first.last.step).toBe(stopAt);
      const second = await trained(spec, { from: first.last });
      expect(second.last).toEqual(whole.last);
      expect([...first.recorder.steps, ...second.recorder.steps]).toEqual(whole.recorder.steps);
      expect([...first.recorder.epochs, ...second.recorder.epochs]).toEqual(whole.recorder.epochs);
    }
  });

  it('pauses with a checkpoint and changes nothing by it', async () => {
    const whole = await trained();
    let command: Command = 'run';
    const recorder = new Recorder((step) => {
      if (step !== 10) return;
      command = 'pause';
      setTimeout(() => (command = 'run'), 120);
    });
    const paused = await trained(specs.MAP, { recorder, control: () => command });
    expect(paused.outcome).toBe('succeeded');
    expect(recorder.order).toEqual(['epoch 7', 'checkpoint 10', 'paused', 'resumed', 'epoch 14', 'epoch 21', 'checkpoint 21']);
    expect(recorder.said.find(({ message }) => message === 'paused in epoch 2')).toMatchObject({ step: 10, speed: 0, eta: null });
    expect(paused.last).toEqual(whole.last);
  });

  it('stops while paused, with one checkpoint only', async () => {
    let command: Command = 'run';
    const recorder = new Recorder((step) => {
      if (step !== 3) return;
      command = 'pause';
      setTimeout(() => (command = 'stop'), 60);
    });
    const { outcome } = await trained(specs.MAP, { recorder, control: () => command });
    expect(outcome).toBe('stopped');
    expect(recorder.order).toEqual(['checkpoint 3', 'paused']);
  });

  it('ends at once when there is nothing left to do', async () => {
    const { last } = await trained();
    const again = await trained(specs.MAP, { from: last });
    expect(again.outcome).toBe('succeeded');
    expect(again.recorder.order).toEqual([]);
  });

  it('names the diverged term, the step and the learning rate, and keeps no poisoned checkpoint', async () => {
    const spec = blobSpec({
      method: { id: 'map', settings: { optimiser: 'sgd', learningRate: 0.5 } },
      prior: { id: 'gaussian', settings: { sd: 0.001 } },
      training: { epochs: 3, batchSize: 8 },
    }); // the prior's curvature makes the step overshoot ten-thousandfold
    const recorder = new Recorder();
    await expect(trained(spec, { recorder })).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/^Training diverged at step \d+ in epoch [12]: .*(NaN|∞).*smaller learning rate/),
      details: { step: expect.any(Number) as number },
    });
    expect(recorder.checkpoints).toEqual([]);
    expect(recorder.steps.length).toBeGreaterThan(0);
  });

  it('tells which draws of a chain that runs away are sound, and has a checkpoint beside them', async () => {
    const spec = blobSpec({ method: { id: 'sgld', settings: { stepSize: 1e-3, burnIn: 0, draws: 1000 } }, training: { epochs: 20, batchSize: 8 } });
    const model = buildBayesianModel(spec, blobShape);
    const { algorithm } = model;
    const schedule = (time: Time) => ({ ...algorithm.schedule(time), ...(time.step >= 10 && { hyper: { stepSize: 6, noise: 0 } }) });
    const recorder = new Recorder();
    const running = { model: { ...model, algorithm: { ...algorithm, schedule } }, device, training: spec.training, data: blobData, from: null };
    await expect(train({ ...running, control: () => 'run', listener: recorder })).rejects.toMatchObject({
      message: expect.stringMatching(/^Training diverged .* Use a smaller step size, such as 2 /),
      details: { sound: 10 },
    });
    expect(recorder.draws.length).toBeGreaterThan(12); // finite, and worth nothing
    expect(recorder.order.slice(0, 2)).toEqual(['draw 1', 'checkpoint 1']);
  });
});
