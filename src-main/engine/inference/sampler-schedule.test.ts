import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { samplerMove } from './sampler-schedule';
import { courseSettings, samplerSettings } from './sampler-settings';

const settings = z.object({ ...samplerSettings, ...courseSettings });
/** Moves of a training of 10 epochs of 20 steps. */
const moves = (input: object) =>
  Array.from({ length: 200 }, (_, step) =>
    samplerMove(settings.parse(input), { step, epoch: Math.floor(step / 20), stepInEpoch: step % 20, stepsPerEpoch: 20, epochs: 10 }),
  );
const kept = (input: object) => moves(input).flatMap(({ keep }, step) => (keep ? [step] : []));

describe('a sampler’s schedule', () => {
  it('keeps as many draws as asked for, evenly after the burn-in, the last state among them', () => {
    expect(kept({ burnIn: 0.5, draws: 5 })).toEqual([119, 139, 159, 179, 199]);
    expect(kept({ burnIn: 0.5, draws: 1000 })).toHaveLength(100); // every step there is
    expect(kept({ burnIn: 0, draws: 1 })).toEqual([199]);
    expect(moves({ burnIn: 0.5 }).filter(({ burningIn }) => burningIn)).toHaveLength(100);
  });

  it('drops the last draw where told to, as the reference repository does', () => {
    expect(kept({ burnIn: 0.5, draws: 5, lastDraw: 'dropped' })).toEqual([119, 139, 159, 179]);
    expect(kept({ thinning: 30, draws: 3, lastDraw: 'dropped' })).toEqual([139, 169]);
  });

  it('thins by steps, counted back from the last', () => {
    expect(kept({ thinning: 30, draws: 3 })).toEqual([139, 169, 199]);
    expect(kept({ thinning: 60, draws: 100, burnIn: 0.25 })).toEqual([79, 139, 199]);
  });

  it('spreads draws over the sum of shrinking steps, so that each stands for an equal part of it', () => {
    const all = moves({ course: 'polynomial', decayPower: 0.6, decayEpochs: 0.5, burnIn: 0.2, draws: 8 });
    expect(all[30]!.scale).toBeCloseTo((1 + 30 / 10) ** -0.6, 12);
    const parts: number[] = [];
    let part = 0;
    all.slice(40).forEach(({ scale, keep }) => {
      part += scale;
      if (keep) {
        parts.push(part);
        part = 0;
      }
    });
    expect(parts).toHaveLength(8);
    const mean = parts.reduce((a, b) => a + b) / 8;
    parts.forEach((length) => expect(Math.abs(length / mean - 1)).toBeLessThan(0.15)); // to within a step
    expect(part).toBe(0);
  });

  it('explores without noise and keeps what follows, in each cycle of the cosine', () => {
    const all = moves({ course: 'cyclical', cycles: 4, exploration: 0.6, burnIn: 0, draws: 40, temperature: 0.5 });
    expect([all[0]!.scale, all[50]!.scale, all[25]!.scale]).toEqual([1, 1, expect.closeTo(0.5, 12)]);
    expect([all[29]!.temperature, all[30]!.temperature, all[50]!.temperature]).toEqual([0, 0.5, 0]);
    const steps = kept({ course: 'cyclical', cycles: 4, exploration: 0.6, burnIn: 0, draws: 40 });
    expect(steps).toHaveLength(40);
    expect(steps.every((step) => step % 50 >= 30)).toBe(true);
  });
});
