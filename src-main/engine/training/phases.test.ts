/** @file The phases that a method may have besides its steps: kept draws, transitions on the host, sweeps, a finish. */
import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { hostUniforms } from '../numerics/host-random';
import type { BayesianModel } from './bayesian-model';
import { blobData, blobSpec, phasedModel, Recorder } from './testing';
import { train, type Checkpoint, type TrainingOptions } from './train';

type Command = ReturnType<TrainingOptions['control']>;
const { training } = blobSpec(); // three epochs of 7 steps; the sweep is a fourth

describe.each(['tfjs-cpu', 'onnxruntime-cpu'])('training in phases on %s', async (backend) => {
  const device = await openDevice(backend, { threads: 1 });
  async function trained({ model = phasedModel(), from = null, stopAt = Infinity }: { model?: BayesianModel; from?: Checkpoint | null; stopAt?: number } = {}) {
    let command: Command = 'run';
    const recorder = new Recorder((step) => (command = step === stopAt ? 'stop' : 'run'));
    const outcome = await train({ model, device, training, data: blobData, from, control: () => command, listener: recorder });
    return { outcome, recorder, last: recorder.checkpoints.at(-1) };
  }

  // Mutation caught: anything of a transition, a sweep or a finish that (state, step) does not fix, or that is done twice.
  it('goes on bit by bit as if never stopped, draws included', async () => {
    const whole = await trained();
    for (const stopAt of [4, 9, 21, 25]) {
      const first = await trained({ stopAt });
      expect(first.outcome).toBe('stopped');
      const second = await trained({ from: first.last! });
      expect(second.last).toEqual(whole.last);
      expect([...first.recorder.draws, ...second.recorder.draws]).toEqual(whole.recorder.draws);
      expect([...first.recorder.steps, ...second.recorder.steps]).toEqual(whole.recorder.steps);
    }
    expect((await trained({ from: whole.last! })).recorder.order).toEqual([]);
  });

  it('keeps the draw of the step that says so, before the checkpoint of that step, which the first draw has too', async () => {
    const { recorder, last } = await trained({ stopAt: 6 });
    expect(recorder.order).toEqual(['draw 3', 'checkpoint 3', 'draw 6', 'checkpoint 6']);
    for (const [name, { data }] of Object.entries(recorder.draws[1]!.weights)) expect(data, name).toEqual(last!.state[`params/${name}`]!.data);
    expect((await trained()).recorder.draws.map(({ step, member }) => [step, member])).toEqual([3, 6, 9, 12, 15, 18, 21].map((step) => [step, 0]));
  });

  it('passes through the host every so many steps', async () => {
    const at = (step: number) => hostUniforms(training.seed, step, 'scale')();
    const first = Math.fround(0.5 + at(4));
    const second = Math.fround(first / 2 + at(8));
    const { state } = (await trained({ stopAt: 10 })).last!;
    expect([...state['scale']!.data]).toEqual([second, second]);
    expect(state['total']!.data[0]).toBeCloseTo(4 * 1 + 4 * first + 2 * second, 5); // of ten steps
  });

  it('sweeps over every row once after the last epoch, finishes, and only then measures the end', async () => {
    const { recorder, last } = await trained();
    expect([last!.step, last!.state['rows']!.data[0]]).toEqual([28, 2 * 50]);
    expect(recorder.epochs.map(({ step }) => step)).toEqual([7, 14, 21, 28]);
    expect(recorder.order.slice(-2)).toEqual(['epoch 28', 'checkpoint 28']);
    expect(recorder.said.at(-1)).toMatchObject({ step: 28, steps: 28, epoch: 4, epochs: 4 });
    expect((await trained({ stopAt: 27 })).last!.state['rows']!.data[0]).toBe(48); // not finished yet
  });

  // Mutations caught: a half-finished state that is saved as a finished one, or gone on from.
  it.each(['stop', 'pause'] as const)('lets a %s into the finish, and comes to the same end', async (order) => {
    const whole = await trained();
    const { algorithm, ...model } = phasedModel();
    let asked: Command = 'run';
    const recorder = new Recorder();
    recorder.paused = () => void (recorder.order.push('paused'), (asked = 'run'));
    const finish: typeof algorithm.finish = function* (state, report) {
      asked = order;
      yield;
      return yield* algorithm.finish!(state, report);
    };
    const options = { device, training, data: blobData, control: () => asked, listener: recorder };
    const outcome = await train({ ...options, model: { ...model, algorithm: { ...algorithm, finish } }, from: null });
    if (order === 'pause')
      expect([outcome, recorder.order.slice(-5)]).toEqual(['succeeded', ['checkpoint 27', 'paused', 'resumed', 'epoch 28', 'checkpoint 28']]);
    else {
      expect([outcome, recorder.order.at(-1)]).toEqual(['stopped', 'checkpoint 27']);
      asked = 'run';
      expect(await train({ ...options, model: phasedModel(), from: recorder.checkpoints.at(-1)! })).toBe('succeeded');
    }
    expect(recorder.checkpoints.at(-1)).toEqual(whole.last);
  });

  it('gives a method of whole batches all rows in one step', async () => {
    const model = phasedModel();
    const { last } = await trained({ model: { ...model, method: { ...model.method, batches: 'all' } } });
    expect([last!.step, last!.state['rows']!.data[0]]).toEqual([4, 2 * 50]);
  });

  it('keeps a draw of each member', async () => {
    const model = phasedModel();
    const { recorder } = await trained({ model: { ...model, algorithm: { ...model.algorithm, members: 2 } }, stopAt: 3 });
    expect(recorder.draws.map(({ step, member }) => [step, member])).toEqual([
      [3, 0],
      [3, 1],
    ]);
  });
});
