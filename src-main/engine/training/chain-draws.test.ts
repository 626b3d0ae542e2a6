import '@tensorflow/tfjs-backend-cpu';
import { setBackend, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openDevice } from '../backends';
import { float32, sizeOf, type HostTensors } from '../numerics/host-tensor';
import { buildBayesianModel } from './bayesian-model';
import { chainDraws } from './chain-draws';
import { KeptDraws } from './kept-draws';
import { DevicePosterior } from './predictive';
import { blobData, blobShape, blobSpec } from './testing';

const model = buildBayesianModel(blobSpec({ method: { id: 'sgld', settings: {} } }), blobShape);
const weightsOf = (scale: number): HostTensors =>
  Object.fromEntries(
    model.target.parameters.map(({ name, shape }, p) => [
      name,
      float32(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.cos(1 + p + 1.7 * i)),
      ),
    ]),
  );

it('gives each draw with its outputs and its temperature, chain after chain', async () => {
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const scales = [1, 0.5, -0.7];
  const kept = new KeptDraws(scales.map((scale, i) => ({ step: 10 - i, member: 0, load: async () => weightsOf(scale) })));
  const chains = chainDraws(model, device, kept.draws, 0.5);
  const { x, rows } = blobData.validation;
  const visited: { step: number; outputs: number[]; temperature: number }[] = [];
  await chains.visit(x, rows, blobData.train, ({ step, outputs, temperature }) => visited.push({ step, outputs: [...outputs], temperature }), {
    signal: new AbortController().signal,
    report: () => undefined,
  });
  expect(visited.map(({ step }) => step)).toEqual([8, 9, 10]);
  expect([chains.count, chains.temperature]).toEqual([3, 0.5]);

  // Outputs: softmax of them, averaged, is what the posterior predicts.
  const posterior = new DevicePosterior(model, device, kept);
  const { probabilities } = await posterior.classify(x, rows, { draws: 3, seed: 1 });
  const ofFirst = visited.map(({ outputs }) => 1 / (1 + Math.exp(outputs[0]! - outputs[1]!)));
  expect(probabilities[1]).toBeCloseTo(ofFirst.reduce((a, b) => a + b) / 3, 5);

  // Temperature: θ · ∇U = d U(s θ)/ds at s = 1, over all 50 training rows.
  await setBackend('cpu');
  const potentialAt = (scale: number) =>
    tidy(() => {
      const params = Object.fromEntries(Object.entries(weightsOf(scale)).map(([name, { data, shape }]) => [name, tensor(data, [...shape])]));
      const batch = { x: tensor(blobData.train.x, [50, 2]), y: tensor(blobData.train.y, [50], 'int32') };
      const key = { source: { draw: () => tensor(0) }, address: 0 };
      return -(model.target.logLikelihood(params, batch, key).dataSync()[0]! + model.target.logPrior(params).dataSync()[0]!);
    });
  const h = 0.01;
  expect(visited[2]!.temperature).toBeCloseTo((potentialAt(1 + h) - potentialAt(1 - h)) / (2 * h) / model.size, 2);
  await posterior.close();
  await device.close();
});
