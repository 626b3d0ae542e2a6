/** @file What does not suit each other is refused before training, with what to choose instead. */
import { describe, expect, it } from 'vitest';
import { RunSpec, type RunSpecInput } from '../../contract/spec';
import { checkModel } from './bayesian-model';

const problems = (task: 'classification' | 'regression', outputs: number, changes: Partial<RunSpecInput>) =>
  checkModel(
    RunSpec.parse({
      dataset: { id: 'any' },
      architecture: { layers: [{ kind: 'dense', settings: { units: 3 } }, { kind: 'output' }] },
      likelihood: { id: task === 'classification' ? 'categorical' : 'gaussian' },
      method: { id: 'bbp' },
      ...changes,
    }),
    { task: { kind: task, outputs }, inputShape: [2], rows: 10 },
  );

describe('refusals', () => {
  it.each<[string, ReturnType<typeof problems>, string, string]>([
    ['β-NLL in a variational method', problems('regression', 1, { likelihood: { id: 'beta-nll' } }), 'likelihood', 'Choose Gaussian with noise per input'],
    [
      'β-NLL in an importance-weighted bound',
      problems('regression', 1, { likelihood: { id: 'beta-nll' }, method: { id: 'importance-weighted' } }),
      'likelihood',
      'Choose Gaussian with noise per input',
    ],
    ['Bernoulli for three classes', problems('classification', 3, { likelihood: { id: 'bernoulli' } }), 'likelihood', 'this dataset has 3. Choose Categorical'],
    ['Bernoulli for targets', problems('regression', 1, { likelihood: { id: 'bernoulli' } }), 'likelihood', 'Choose Gaussian or Student t or β-NLL'],
    ['the mode of a horseshoe', problems('regression', 1, { prior: { id: 'horseshoe' }, method: { id: 'map' } }), 'prior', 'Choose the regularised horseshoe'],
    [
      'Flipout of a horseshoe',
      problems('regression', 1, { prior: { id: 'horseshoe' }, method: { id: 'flipout', settings: { kl: 'monte-carlo' } } }),
      'method',
      'choose Bayes by Backprop',
    ],
    [
      'a closed form of the learnt precision',
      problems('regression', 1, { prior: { id: 'gamma-precision' }, method: { id: 'bbp', settings: { kl: 'closed-form' } } }),
      'method',
      'set the KL to monte-carlo',
    ],
  ])('%s', (_name, [problem], path, advice) => {
    expect(problem?.path).toBe(path);
    expect(problem?.message).toContain(advice);
  });

  it.each<[string, ReturnType<typeof problems>]>([
    ['β-NLL in MAP', problems('regression', 1, { likelihood: { id: 'beta-nll' }, method: { id: 'map' } })],
    ['Bernoulli for two classes', problems('classification', 2, { likelihood: { id: 'bernoulli' } })],
    ['a horseshoe in Bayes by Backprop', problems('regression', 1, { prior: { id: 'horseshoe' } })],
    ['a regularised horseshoe in MAP', problems('regression', 1, { prior: { id: 'regularised-horseshoe' }, method: { id: 'map' } })],
  ])('not %s', (_name, found) => expect(found).toEqual([]));
});
