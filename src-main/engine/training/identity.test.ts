/** @file What a model's identity promises: equal texts, equal programs. */
import { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import '../backends';
import { compileStep, decodeStep, encodeStep, type CompiledStep } from '../backends/compiled-step';
import { trace } from '../compiler/trace';
import { inferenceMethods } from '../inference';
import type { TensorSpec, TensorSpecs } from '../numerics/host-tensor';
import { flattenTree } from '../numerics/tree';
import { buildBayesianModel, checkModel } from './bayesian-model';
import { blobShape, blobSpec } from './testing';

const isTensor = (leaf: unknown): leaf is Tensor => leaf instanceof Tensor;
const batch: TensorSpecs = { x: { dtype: 'float32', shape: [8, 2] }, y: { dtype: 'int32', shape: [8] } };

/** Every step that the schedule names early and late, from a model built anew, as it comes out of a store. */
function programs(spec: ReturnType<typeof blobSpec>): CompiledStep[] {
  const { algorithm } = buildBayesianModel(spec, blobShape);
  const init = trace((_state, _batch, key) => ({ info: Object.fromEntries(flattenTree(algorithm.init(key), isTensor)) }), { state: {} });
  const state = Object.fromEntries(
    Object.entries(init.info).map(([path, { shape, dtype }]): [string, TensorSpec] => [path, { shape, dtype: dtype as 'float32' }]),
  );
  const moves = [0, 7, 20].map((step) => algorithm.schedule({ step, epoch: Math.floor(step / 7), stepInEpoch: step % 7, stepsPerEpoch: 7, epochs: 3 }));
  const named = new Map(moves.map((move) => [move.step, move]));
  return [...named.values()].map(({ step, hyper }) =>
    decodeStep(encodeStep(compileStep(algorithm.steps[step]!, { state, batch, hyper: Object.keys(hyper) }, { fusion: true }))),
  );
}

describe('the identity of a model', () => {
  // Mutation caught: a method whose trace depends on a clock, a counter or on earlier traces; a cache would then mix programs up.
  it.each(Object.keys(inferenceMethods))('stands for the same programs each time it is built: %s', (id) => {
    const spec = blobSpec({ method: { id, settings: { leapfrogSteps: 2 } } }); // methods without trajectories ignore it
    if (checkModel(spec, blobShape).length > 0) return;
    const first = programs(spec);
    expect(programs(spec)).toEqual(first);
    expect(first.length).toBeGreaterThan(0);
  });

  // Mutation caught: an identity that forgets a part of the document that enters the steps.
  it('changes with every part that enters the steps, and with no other', () => {
    const identity = (changes: Parameters<typeof blobSpec>[0] = {}, shape: Parameters<typeof buildBayesianModel>[1] = blobShape) =>
      buildBayesianModel(blobSpec(changes), shape).identity;
    const same = [{}, { name: 'other' }, { training: { epochs: 9, batchSize: 5, seed: 4 } }, { compute: { threads: 3 } }, { dataset: { id: 'others' } }];
    expect(new Set(same.map((changes) => identity(changes))).size).toBe(1);
    const different = [
      identity(),
      identity({ architecture: { layers: [{ kind: 'dense', settings: { units: 6 } }, { kind: 'output' }] } }),
      identity({ architecture: { layers: [{ kind: 'dense', settings: { units: 5 }, bayesian: false }, { kind: 'output' }] } }),
      identity({ prior: { id: 'gaussian', settings: { sd: 2 } } }),
      identity({ method: { id: 'bbp' } }),
      identity({ method: { id: 'map', settings: { learningRate: 0.4 } } }),
      identity({}, { ...blobShape, rows: 51 }),
      identity({}, { ...blobShape, inputShape: [3] }),
    ];
    expect(new Set(different).size).toBe(different.length);
  });
});
