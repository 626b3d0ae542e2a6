import { expect, it } from 'vitest';
import { withChoices } from './study-datasets';

const dataset = (id: string, inputShape: number[], state: 'ready' | 'missing' = 'ready') => ({ id, inputShape, state });
const schema = (first: string) => ({ properties: { dataset: { type: 'string', default: first }, draws: { type: 'integer' } } });
const offered = (first: string) =>
  withChoices(
    schema(first),
    [dataset('digits', [28, 28, 1]), dataset('glyphs', [28, 28, 1]), dataset('kmnist', [28, 28, 1], 'missing'), dataset('toy', [1])],
    dataset('digits', [28, 28, 1]),
  );

it('offers what is at hand, of the same shape, and another set than the run’s own', () => {
  expect(offered('glyphs')).toEqual({
    properties: { dataset: { type: 'string', default: 'glyphs', enum: ['glyphs', 'noise', 'blank'] }, draws: { type: 'integer' } },
  });
});

it('falls back to the first choice where the default is none, and leaves other schemas alone', () => {
  expect(offered('kmnist')['properties']).toMatchObject({ dataset: { default: 'glyphs' } });
  const other = { properties: { draws: { type: 'integer' } } };
  expect(withChoices(other, [], dataset('digits', [1]))).toBe(other);
});
