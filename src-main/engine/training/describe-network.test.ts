import { expect, it } from 'vitest';
import { RunSpec } from '../../contract/spec';
import { describeNetwork } from './describe-network';

const describe = (layers: unknown[], likelihood = 'categorical') =>
  describeNetwork(RunSpec.parse({ dataset: { id: 'x' }, architecture: { layers }, likelihood: { id: likelihood }, method: { id: 'map' } }), {
    task: { kind: 'classification', outputs: 10 },
    inputShape: [28, 28, 1],
    rows: 100,
  });

it('gives names, shapes and counts of every layer', () => {
  expect(describe([{ kind: 'flatten' }, { kind: 'dense', settings: { units: 50 }, bayesian: false }, { kind: 'output' }])).toEqual([
    { name: 'flatten1', input: [28, 28, 1], output: [784], weights: 0, bayesian: 0 },
    { name: 'dense1', input: [784], output: [50], weights: 785 * 50, bayesian: 0 },
    { name: 'output', input: [50], output: [10], weights: 510, bayesian: 510 },
  ]);
});

it('ends before the layer that does not fit, and goes on without a likelihood that suits', () => {
  expect(describe([{ kind: 'flatten' }, { kind: 'max-pool' }, { kind: 'output' }]).map(({ name }) => name)).toEqual(['flatten1']);
  expect(describe([{ kind: 'flatten' }, { kind: 'output' }], 'gaussian').at(-1)).toMatchObject({ name: 'output', output: [10] });
});
