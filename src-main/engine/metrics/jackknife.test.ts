import { expect, it } from 'vitest';
import { groupSizes, groupsOf, jackknifeError } from './jackknife';

const values = Array.from({ length: 60 }, (_, i) => Math.sin(7 * i) + Math.cos(3 * i * i));
const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
const errorOf = (statistic: (of: readonly number[]) => number, of: readonly number[], groups: number) => {
  const without = Array.from({ length: groups }, (_, j) => statistic(of.filter((_value, s) => s % groups !== j)));
  return jackknifeError(statistic(of), without, groupSizes(groups, of.length));
};

// Mutations caught: n for n − 1, a missing square root, groups weighed as if all had one draw.
it('is exactly s/√n for a mean', () => {
  const s = Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
  expect(errorOf(mean, values, 60)).toBeCloseTo(s / Math.sqrt(60), 12);
});

it('of equal groups is exactly the error of the mean of the groups’ means', () => {
  const means = Array.from({ length: 20 }, (_, j) => mean(values.filter((_value, s) => s % 20 === j)));
  const s = Math.sqrt(means.reduce((sum, value) => sum + (value - mean(means)) ** 2, 0) / 19);
  expect(errorOf(mean, values, 20)).toBeCloseTo(s / Math.sqrt(20), 12);
});

it('does not change for a statistic that no draw changes, however unequal the groups', () => {
  expect(groupSizes(20, 47)).toEqual([...Array<number>(7).fill(3), ...Array<number>(13).fill(2)]);
  expect(errorOf(() => 5, values.slice(0, 47), 20)).toBeCloseTo(0, 12);
  expect(errorOf(mean, values.slice(0, 47), 20) / errorOf(mean, values.slice(0, 40), 20)).toBeCloseTo(1, 0);
});

it('needs two groups, and makes no more than twenty', () => {
  expect(jackknifeError(1, [1], [1])).toBeNaN();
  expect([groupsOf(1), groupsOf(20), groupsOf(1000)]).toEqual([1, 20, 20]);
  expect(groupSizes(20, 3).filter((size) => size > 0)).toEqual([1, 1, 1]);
});
