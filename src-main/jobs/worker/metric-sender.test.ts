import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../protocol';
import { MetricSender } from './metric-sender';

type Chunk = Extract<FromWorker, { type: 'metrics' }>;

function sender(credits: number) {
  const sent: Chunk[] = [];
  return { sent, metrics: new MetricSender({ step: ['nll', 'kl'], epoch: ['error'], checkpoint: [] }, (message) => void sent.push(message), credits) };
}
const steps = (sent: readonly Chunk[], scope: 'step' | 'epoch') => sent.filter((message) => message.scope === scope).flatMap(({ chunk }) => [...chunk.steps]);

describe('MetricSender', () => {
  it('lets short steps travel together, in order and complete', async () => {
    const { sent, metrics } = sender(32);
    for (let step = 1; step <= 500; step++) metrics.add('step', step, [step / 2, -step]);
    metrics.add('epoch', 500, [0.25]);
    await metrics.flush();
    expect(sent.length).toBeLessThan(10);
    expect(steps(sent, 'step')).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(sent.filter(({ scope }) => scope === 'step').flatMap(({ chunk }) => [...chunk.values])).toEqual(
      Array.from({ length: 500 }, (_, i) => [(i + 1) / 2, -(i + 1)]).flat(),
    );
    expect(sent.at(-1)).toMatchObject({ scope: 'epoch', chunk: { names: ['error'], steps: Float64Array.of(500), values: Float64Array.of(0.25) } });
  });

  // Mutation caught: sending without looking at the credits.
  it('never has more messages under way than it was given credits', async () => {
    const { sent, metrics } = sender(2);
    let flushed = false;
    for (let step = 1; step <= 5; step++) {
      metrics.add('step', step, [0, 0]);
      if (step <= 2) await metrics.flush();
    }
    const end = metrics.flush().then(() => (flushed = true));
    await Promise.resolve();
    expect([sent.length, flushed]).toEqual([2, false]);
    metrics.acknowledge(1);
    await end;
    expect([sent.length, flushed]).toEqual([3, true]);
    expect(steps(sent, 'step')).toEqual([1, 2, 3, 4, 5]);
  });
});
