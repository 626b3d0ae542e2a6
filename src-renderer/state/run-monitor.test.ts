import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunId } from '../../src-main/contract/ids';
import type { MetricChunk } from '../../src-main/contract/run';
import { fakeMain } from '../rpc/testing';
import { RunMonitor } from './run-monitor.svelte';

const run = RunId.parse('run-a1b2c3');
const other = RunId.parse('run-zzzzzz');
const chunk = (steps: number[]): MetricChunk => ({ names: ['elbo'], steps: Float64Array.from(steps), values: Float64Array.from(steps, (step) => -step) });
const fail = (error: unknown) => {
  throw error;
};

describe('RunMonitor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function open(history: () => MetricChunk) {
    const main = fakeMain({ 'runs.metrics': ({ scope }: { scope: string }) => (scope === 'step' ? history() : chunk([])), 'runs.events': () => [] });
    const monitor = new RunMonitor(run);
    const stop = monitor.listen(fail);
    return { main, monitor, stop };
  }
  const live = (steps: number[], of = run) => ['run.metrics', { run: of, scope: 'step', chunk: chunk(steps) }] as const;

  it('joins history and live rows without gap or repetition, even when live rows come first', async () => {
    const { main, monitor } = open(() => chunk([1, 2, 3]));
    main.push(...live([3, 4])); // before the history is there, and overlapping it
    await vi.advanceTimersByTimeAsync(0);
    main.push(...live([5]));
    main.push(...live([99], other));
    expect([...monitor.steps.steps]).toEqual([1, 2, 3, 4, 5]);
    expect(monitor.steps.last('elbo')).toBe(-5);
  });
  it('reads the history anew when the connection comes back', async () => {
    let stored = [1, 2];
    const { main, monitor } = open(() => chunk(stored));
    await vi.advanceTimersByTimeAsync(0);
    stored = [1, 2, 3, 4];
    main.connect('lost');
    main.connect('open');
    await vi.advanceTimersByTimeAsync(0);
    expect([...monitor.steps.steps]).toEqual([1, 2, 3, 4]);
  });
  it('leaves no listener behind', async () => {
    const { main, stop } = open(() => chunk([]));
    await vi.advanceTimersByTimeAsync(0);
    stop();
    expect(main.listeners()).toBe(0);
  });
});
