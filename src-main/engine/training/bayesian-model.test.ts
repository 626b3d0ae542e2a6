import { describe, expect, it } from 'vitest';
import type { RunSpecInput } from '../../contract/spec';
import { buildBayesianModel, checkModel } from './bayesian-model';
import { tooManyRows } from './whole-set';
import { blobShape, blobSpec } from './testing';

const problems = (changes: Partial<RunSpecInput>) => checkModel(blobSpec(changes), blobShape);

describe('buildBayesianModel', () => {
  it('counts the scalars of one draw', () => {
    expect(buildBayesianModel(blobSpec(), blobShape).size).toBe(2 * 5 + 5 + 5 * 2 + 2);
    expect(checkModel(blobSpec(), blobShape)).toEqual([]);
  });

  it("gives a layer its own prior, and the others the run's", () => {
    const own = { id: 'gaussian', settings: { sd: 3 } };
    const layers = [{ kind: 'dense', settings: { units: 5 }, prior: own }, { kind: 'output' }];
    const { prior } = buildBayesianModel(blobSpec({ architecture: { layers } }), blobShape).target;
    const logDensityAt0 = (sd: number) => -0.5 * Math.log(2 * Math.PI) - Math.log(sd);
    expect(prior['dense1.kernel']!.density(0)).toBeCloseTo(logDensityAt0(3), 12);
    expect(prior['output.kernel']!.density(0)).toBeCloseTo(logDensityAt0(1), 12);
  });

  it('collects every fault, each at its path', () => {
    const found = problems({
      likelihood: { id: 'gaussian' },
      prior: { id: 'gaussian', settings: { sd: -1 } },
      method: { id: 'annealing' },
    });
    const at = (path: string) => found.find((problem) => problem.path === path)?.message;
    expect(found).toHaveLength(3);
    expect(at('prior.settings.sd')).toBeDefined();
    expect(at('likelihood')).toMatch(/for regression; this dataset is for classification. Choose Categorical/);
    expect(at('method')).toMatch(/no method 'annealing'; choose one of map, bbp/);
  });

  // Mutation caught: a limit that forgets the activations, or the shape of a row.
  it('refuses to see more rows at once than fit, and says how many would', () => {
    const layers = [
      { name: 'dense1', kind: 'dense', input: [2], output: [1000], parameters: [] },
      { name: 'output', kind: 'output', input: [1000], output: [10], parameters: [] },
    ];
    const fitting = Math.floor(2 ** 30 / (4 * (784 + 3 * 1010)));
    const data = (rows: number) => ({ ...blobShape, inputShape: [28, 28], rows });
    expect(tooManyRows('HMC', { layers }, data(fitting))).toBeUndefined();
    expect(tooManyRows('HMC', { layers }, data(100_000))).toMatch(/^HMC sees all 100,000 training rows .* 1,455 MB .*; 70,381 rows \(1,024 MB\) are allowed/);
  });

  it('names the layer that does not fit, and what the method cannot use', () => {
    expect(problems({ architecture: { layers: [{ kind: 'output' }, { kind: 'output' }] } })).toMatchObject([{ path: 'architecture.layers.0' }]);
    expect(problems({ method: { id: 'bbp' }, prior: { id: 'flat' } })).toMatchObject([
      { path: 'method', message: expect.stringMatching(/flat prior/) as string },
    ]);
    expect(() => buildBayesianModel(blobSpec({ architecture: { layers: [{ kind: 'dense' }] } }), blobShape)).toThrow(
      expect.objectContaining({ code: 'shape-mismatch', details: { path: 'architecture.layers.0' } }),
    );
  });
});
