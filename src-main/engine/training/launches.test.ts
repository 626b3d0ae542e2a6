import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { buildBayesianModel } from './bayesian-model';
import { StateDraws } from './draw-source';
import { initialState } from './initial-state';
import { planLaunch } from './launch';
import type { ClassPredictive } from './posterior';
import { DevicePosterior } from './predictive';
import { blobData, blobShape, blobSpec } from './testing';

describe('planLaunch', () => {
  it('takes draws together while weights are small, all launches of one size', () => {
    const small = { size: 27, activations: 9, together: true };
    expect(planLaunch(small, 500, 100)).toEqual({ rows: 500, draws: 50 });
    expect(planLaunch({ ...small, together: false }, 500, 100)).toEqual({ rows: 500, draws: 1 });
    expect(planLaunch({ size: 2_400_000, activations: 3200, together: true }, 10_000, 100)).toEqual({ rows: 1000, draws: 1 });
  });

  it('takes fewer rows when their activations would fill the memory', () => {
    const { rows } = planLaunch({ size: 1e6, activations: 1_000_000, together: true }, 10_000, 10);
    expect(rows).toBe(67);
    expect(rows * 4e6).toBeLessThanOrEqual(256 * 2 ** 20);
    expect(planLaunch({ size: 1, activations: 1e9, together: true }, 10, 1).rows).toBe(1);
  });
});

describe('a prediction of many draws', async () => {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const spec = blobSpec({ method: { id: 'bbp', settings: {} } });
  const model = buildBayesianModel(spec, blobShape);
  const state = device.upload(await initialState({ model, device, training: spec.training }));
  const { x, rows } = blobData.validation;

  // Mutations caught: weights of one draw under another's index, a last group's leftovers counted, outputs cut in the wrong place.
  it('is the same for draws together and one by one', async () => {
    const [together, single] = [model, { ...model, together: false }].map((of) => new DevicePosterior(of, device, new StateDraws(of, device, state)));
    const options = { draws: 70, seed: 3 }; // in two groups of 35
    const [one, other] = [await together!.classify(x, rows, options), await single!.classify(x, rows, options)];
    for (const part of ['probabilities', 'total', 'epistemic'] as const) one[part].forEach((value, i) => expect(value).toBeCloseTo(other[part][i]!, 5));
    expect(one.votes).toEqual(other.votes);
    const odd = { draws: 67, seed: 3 }; // groups of 34 and 33
    const [first, second] = [await together!.classify(x, rows, odd), await single!.classify(x, rows, odd)];
    expect(first.votes).toEqual(second.votes);
    await together!.close();
    await single!.close();
  });

  it('tells what the first draws give', async () => {
    const posterior = new DevicePosterior({ ...model, together: false }, device, new StateDraws(model, device, state));
    const heard: ClassPredictive[] = [];
    await posterior.classify(x, rows, { draws: 20, seed: 3 }, (partial) => heard.push(partial));
    expect(heard[0]!.draws).toBe(1);
    expect(heard[0]!.standardError).toBeUndefined();
    const alone = await posterior.classify(x, rows, { draws: 1, seed: 3 });
    expect(heard[0]!.probabilities).toEqual(alone.probabilities);
    await posterior.close();
  });
});
