/** @file Batch normalisation in whole trainings: what draws carry, what a checkpoint keeps, what methods refuse. */
import { describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import { buildBayesianModel } from './bayesian-model';
import { StateDraws } from './draw-source';
import { DevicePosterior } from './predictive';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train } from './train';

const architecture = { layers: [{ kind: 'dense', settings: { units: 5, activation: 'linear' } }, { kind: 'batch-norm' }, { kind: 'output' }] };

describe('batch normalisation', async () => {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });

  it('trains and predicts: the statistics are those of the last rows under the drawn weights', async () => {
    const spec = blobSpec({
      architecture,
      method: { id: 'bbp', settings: { draws: 1, firstEpochDraws: 1, learningRate: 0.05 } },
      training: { epochs: 8, batchSize: 8, validateEvery: 8 },
    });
    const model = buildBayesianModel(spec, blobShape);
    const recorder = new Recorder();
    await train({ model, device, training: spec.training, data: blobData, from: null, control: () => 'run', listener: recorder });
    const { state } = recorder.checkpoints.at(-1)!;
    expect(state['recent']!.shape).toEqual([50, 2]);
    // Every row of the last epoch once: nothing is left of the zeros that the leaf began with.
    expect([...state['recent']!.data].sort()).toEqual([...blobData.train.x].sort());
    const draws = new StateDraws(model, device, device.upload(state));
    const weights = await draws.draw(0, { seed: 1, step: 0 });
    const [kernel, bias, recent] = [weights['dense1.kernel']!.data, weights['dense1.bias']!.data, state['recent']!.data];
    for (let unit = 0; unit < 5; unit++) {
      const given = Array.from({ length: 50 }, (_, row) => recent[2 * row]! * kernel[unit]! + recent[2 * row + 1]! * kernel[5 + unit]! + bias[unit]!);
      const mean = given.reduce((a, b) => a + b) / 50;
      expect(weights['batch-norm1.mean']!.data[unit]).toBeCloseTo(mean, 4);
      expect(weights['batch-norm1.variance']!.data[unit]).toBeCloseTo(given.reduce((total, value) => total + (value - mean) ** 2, 0) / 50, 4);
    }
    const posterior = new DevicePosterior(model, device, draws);
    const { probabilities } = await posterior.classify(blobData.validation.x, 40, { draws: 4, seed: 1 });
    const errors = [...blobData.validation.y].filter((label, row) => probabilities[2 * row + label]! < 0.5).length;
    expect(errors).toBeLessThanOrEqual(2);
    await posterior.close();
  });
});
