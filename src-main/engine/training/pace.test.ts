import { expect, it } from 'vitest';
import { Pace } from './pace';

it('measures the speed of the last seconds only', () => {
  const pace = new Pace();
  expect([pace.speed, pace.eta(10)]).toEqual([0, null]);
  pace.mark(0, 0);
  expect(pace.speed).toBe(0);
  for (let second = 1; second <= 10; second++) pace.mark(1000 * second, 100 * second); // 100 steps/s
  for (let second = 11; second <= 20; second++) pace.mark(1000 * second, 1000 + 20 * (second - 10)); // then 20
  expect(pace.speed).toBe(20);
  expect(pace.eta(300)).toBe(15);
  pace.reset();
  expect(pace.speed).toBe(0);
});
