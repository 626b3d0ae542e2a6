import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sharedWords, words } from './protocol';
import { watchWorker } from './watchdog';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const shared = sharedWords();
  const hung: number[] = [];
  return { shared, hung, end: watchWorker(shared, (patience) => hung.push(patience)) };
}
const begin = (shared: Int32Array, patience: number) => {
  shared[words.patience] = patience;
  shared[words.calls]!++;
};

it('misses one call that takes longer than its patience, once', () => {
  const { shared, hung } = watched();
  begin(shared, 60_000);
  vi.advanceTimersByTime(59_500);
  expect(hung).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(hung).toEqual([60_000]);
  vi.advanceTimersByTime(600_000);
  expect(hung).toEqual([60_000]);
});

it('does not mind many calls, nor what a worker computes without its device', () => {
  const { shared, hung } = watched();
  for (let i = 0; i < 200; i++) {
    begin(shared, 1000);
    vi.advanceTimersByTime(900);
  }
  begin(shared, 0); // the last has ended
  vi.advanceTimersByTime(3_600_000);
  expect(hung).toEqual([]);
});

it('does not count the sleep of the computer', () => {
  const { shared, hung } = watched();
  begin(shared, 60_000);
  vi.advanceTimersByTime(30_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
  vi.advanceTimersToNextTimer();
  vi.restoreAllMocks();
  expect(hung).toEqual([]);
});

it('can be ended', () => {
  const { shared, hung, end } = watched();
  begin(shared, 1000);
  end();
  vi.advanceTimersByTime(5000);
  expect(hung).toEqual([]);
});
