import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('throttle', () => {
  it('calls at once, then once an interval, and never loses the last call', () => {
    const times: number[] = [];
    const start = Date.now();
    const throttled = throttle(100, () => times.push(Date.now() - start));
    for (let t = 0; t < 250; t += 10) {
      throttled.soon();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    expect(times).toEqual([0, 100, 200, 300]);
  });

  it('calls at once when told so, and forgets what waits when cancelled', () => {
    const call = vi.fn();
    const throttled = throttle(100, call);
    throttled.soon();
    throttled.soon();
    throttled.now();
    expect(call).toHaveBeenCalledTimes(2);
    throttled.soon();
    throttled.cancel();
    vi.advanceTimersByTime(1000);
    expect(call).toHaveBeenCalledTimes(2);
  });
});
