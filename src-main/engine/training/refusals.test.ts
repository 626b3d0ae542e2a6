/** @file What cannot be run is refused before training, in words that say where and what else to do. */
import { atan, customGrad, multinomial, softmax, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDevice } from '../backends';
import { dense } from '../nn/layers/dense';
import { likelihoods } from '../probability/likelihoods';
import { buildBayesianModel } from './bayesian-model';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train } from './train';

async function attempt(): Promise<{ message: string; code: string; steps: number }> {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const spec = blobSpec();
  const recorder = new Recorder();
  const training = train({
    model: buildBayesianModel(spec, blobShape),
    device,
    training: spec.training,
    data: blobData,
    from: null,
    control: () => 'run',
    listener: recorder,
  });
  const error = await training.then(
    () => expect.fail('it trained'),
    (reason: Error & { code: string }) => reason,
  );
  await device.close();
  return { message: error.message, code: error.code, steps: recorder.steps.length };
}

describe('an operation that cannot be compiled', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is named with its layer', async () => {
    const { apply } = dense;
    vi.spyOn(dense, 'apply').mockImplementation((...given) => atan(apply(...given)));
    expect(await attempt()).toMatchObject({
      code: 'unsupported',
      steps: 0,
      message: expect.stringContaining('The operation Atan in layer 1 (dense) cannot') as string,
    });
  });

  // Mutation caught: gradients run outside of every layer, and would be refused without a place.
  it('is named with its layer in a gradient too', async () => {
    const { apply } = dense;
    const odd = customGrad((x) => ({ value: (x as Tensor).clone(), gradFunc: (dy) => atan(dy) }));
    vi.spyOn(dense, 'apply').mockImplementation((...given) => odd(apply(...given)));
    expect((await attempt()).message).toContain('The operation Atan in layer 1 (dense) cannot');
  });

  it('is named in the likelihood', async () => {
    const kind = likelihoods.categorical;
    const { build } = kind;
    vi.spyOn(kind, 'build').mockImplementation((...given) => {
      const built = build(...given);
      return { ...built, logDensity: (outputs) => multinomial(softmax(outputs) as Tensor2D, 1, 1) };
    });
    expect((await attempt()).message).toContain('The operation Multinomial in the likelihood cannot');
  });
});
