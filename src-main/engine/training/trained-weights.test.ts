/** @file From a trained ordinary network to the start of a Bayesian one, on a real device. */
import { describe, expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { openDevice } from '../backends';
import { buildBayesianModel } from './bayesian-model';
import { initialState } from './initial-state';
import { blobShape, blobSpec } from './testing';
import { checkOrigin, startFrom } from './trained-weights';

const from = 'run-abcd';
const moped = (settings = {}) =>
  blobSpec({ from, method: { id: 'bbp', settings: { moped: 'posterior', mopedDelta: 0.2, ...settings } } } as Parameters<typeof blobSpec>[0]);

describe('a start from trained weights', () => {
  it('takes over the weights by name, and their size as σ', async () => {
    const device = await openDevice('tfjs-cpu', { threads: 1 });
    const origin = buildBayesianModel(blobSpec(), blobShape);
    const model = buildBayesianModel(moped(), blobShape);
    const { training } = blobSpec();
    const trained = await initialState({ model: origin, device, training });
    const state = await startFrom(model, await initialState({ model, device, training }), { model: origin, state: trained }, device);
    for (const { name } of model.target.parameters) {
      const w = [...trained[`params/${name}`]!.data];
      expect([...state[`mean/${name}`]!.data]).toEqual(w);
      [...state[`rho/${name}`]!.data].forEach((rho, i) => expect(Math.log1p(Math.exp(rho)) / Math.max(0.2 * Math.abs(w[i]!), 1e-6)).toBeCloseTo(1, 4));
    }
    await device.close();
  });

  it('is refused where the weights do not fit, by name', () => {
    const wider = blobSpec({ architecture: { layers: [{ kind: 'dense', settings: { units: 7 } }, { kind: 'output' }] } });
    expect(checkOrigin(moped(), blobSpec(), blobShape)).toEqual([]);
    expect(checkOrigin(moped(), wider, blobShape)[0]).toMatchObject({
      path: 'from',
      message: expect.stringMatching(/dense1\.kernel are 2 × 5 here and 2 × 7/),
    });
    expect(checkOrigin(moped(), blobSpec({ method: { id: 'bbp' } }), blobShape)[0]!.message).toMatch(/point estimate only/);
  });

  it('is refused under a prior whose weights are made of scales', () => {
    const horseshoe = RunSpec.parse({ ...moped(), prior: { id: 'horseshoe' } });
    expect(checkOrigin(horseshoe, blobSpec(), blobShape)).toEqual([{ path: 'from', message: expect.stringMatching(/horseshoe.*Gaussian or Laplace/) }]);
  });

  it('is refused for a method that cannot, and a switch that it does not obey', () => {
    const build = (changes: object) => () => buildBayesianModel(blobSpec(changes), blobShape);
    expect(build({ from, method: { id: 'sgld' } })).toThrow(/cannot start from another run’s weights/);
    const layers = [{ kind: 'dense', settings: { units: 5 }, trainable: false }, { kind: 'output' }];
    expect(build({ architecture: { layers }, method: { id: 'sgld' } })).toThrow(/SGLD cannot freeze a layer; .*Bayes by Backprop/);
    expect(build({ architecture: { layers } })).not.toThrow();
    const own = (values: object) => ({ layers: [{ kind: 'dense', settings: { units: 5 }, ...values }, { kind: 'output' }] });
    expect(build({ architecture: own({ dropRate: 0.2 }) })).toThrow(
      /MAP cannot drop at a rate of the layer’s own; take it away, or choose MC dropout\./,
    );
    expect(build({ architecture: own({ initialSd: 0.2 }) })).toThrow(/MAP cannot start the deviations.*Bayes by Backprop/);
    expect(build({ architecture: own({ dropRate: 0.2 }), method: { id: 'mc-dropout' } })).not.toThrow();
    expect(build({ architecture: own({ initialisation: 'glorot' }), method: { id: 'sgld' } })).not.toThrow();
  });
});
