import { describe, expect, it } from 'vitest';
import { PriorPrecision } from '../contract/prior-precision';
import { priorPrecision } from './prior-precision';
import { contextOf, pictures, twoClasses } from './testing';

const heldOut = { rows: 2, x: Float32Array.of(0, 0, 1, 1), y: Int32Array.of(0, 1) };
const dataset = pictures([0, 255], [0, 1], { validation: heldOut });
const settings = { lowest: -1, highest: 2, points: 4, draws: 2 };

/** A run whose predictions are right with the probability p(precision); records what precision was in use. */
function refittable(p: (precision: number) => number, validation = heldOut) {
  const used: number[] = [];
  const posterior = twoClasses((x) => (x[0]! > 0.5 ? p(used.at(-1)!) : 1 - p(used.at(-1)!)));
  const context = contextOf({ ...dataset, validation }, posterior);
  const runs = [
    {
      ...context.runs[0]!,
      priorPrecision: {
        current: 7,
        logEvidence: (precision: number) => 1 - (Math.log10(precision) - 1) ** 2,
        use: (precision: number) => void used.push(precision),
      },
    },
  ];
  return { used, context: { ...context, runs } };
}
const start = async (context: ReturnType<typeof contextOf>, changes: object = {}) =>
  PriorPrecision.parse(await priorPrecision.run(context, priorPrecision.settings.parse({ ...settings, ...changes }))).runs[0]!;

describe('prior precision', () => {
  it('predicts the validation rows under each precision, and leaves the one that was in use', async () => {
    const { used, context } = refittable((precision) => precision / (1 + precision));
    const result = await start(context);
    expect(result.precision.map((value) => Number(value.toPrecision(6)))).toEqual([0.1, 1, 10, 100]);
    expect(result.logEvidence.map((value) => Math.round(value))).toEqual([-3, 0, 1, 0]);
    result.nll.forEach((value, i) => expect(value).toBeCloseTo(-Math.log(result.precision[i]! / (1 + result.precision[i]!)), 6));
    expect(result).toMatchObject({ rows: 2, current: 7, draws: 2, score: { name: 'ECE' } });
    expect(used).toEqual([...result.precision, 7]);
  });

  it('gives the evidence alone where nothing was held out', async () => {
    const { used, context } = refittable(() => 0.5, { rows: 0, x: new Float32Array(0), y: new Int32Array(0) });
    expect(await start(context)).toMatchObject({
      rows: 0,
      nll: [],
      score: { values: [] },
      logEvidence: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    expect(used).toEqual([7]);
  });

  it('leaves the precision that was in use after a failure too', async () => {
    const { used, context } = refittable(() => {
      throw new Error('stopped');
    });
    await expect(start(context)).rejects.toThrow('stopped');
    expect(used.at(-1)).toBe(7);
  });

  it('refuses runs of other methods, and a range that is none', async () => {
    await expect(
      start(
        contextOf(
          dataset,
          twoClasses(() => 0.5),
        ),
      ),
    ).rejects.toThrow('test has no finished Laplace approximation');
    await expect(start(refittable(() => 0.5).context, { lowest: 3 })).rejects.toThrow('from 3 to 2');
  });
});
