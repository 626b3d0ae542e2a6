import { expect, it } from 'vitest';
import { directProblem, fieldProblems } from './problems';

const problems = [
  { path: 'method.settings.draws', message: 'Too small' },
  { path: 'methodology', message: 'not this one' },
  { path: 'architecture.layers.2', message: 'shapes do not fit' },
  { path: 'prior', message: 'no closed form' },
];
it('finds the problem of each field under a path, and not those of a longer name', () => {
  expect(fieldProblems(problems, 'method.settings')).toEqual({ draws: 'Too small' });
  expect(fieldProblems(problems, 'method')).toEqual({ settings: 'Too small' });
  expect(fieldProblems(problems, 'architecture.layers')).toEqual({ 2: 'shapes do not fit' });
});
it('finds the problem of a whole part', () => {
  expect(directProblem(problems, 'prior')).toBe('no closed form');
  expect(directProblem(problems, 'architecture.layers.2')).toBe('shapes do not fit');
  expect(directProblem(problems, 'method')).toBe('');
});
