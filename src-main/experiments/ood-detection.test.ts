import { describe, expect, it } from 'vitest';
import { OodDetection } from '../contract/ood-detection';
import type { ExperimentContext } from './experiment';
import { distribution, negatedMaxProbability, oodDetection } from './ood-detection';
import { loadUnseen } from './ood-images';
import { contextOf, pictures, twoClasses } from './testing';

const run = async (context: ExperimentContext, settings: object = {}) =>
  OodDetection.parse(await oodDetection.run(context, oodDetection.settings.parse({ draws: 4, resamples: 50, ...settings })));

/** Sure where the first pixel is dark; where it is bright, the draws contradict each other. */
const disagreesOnBright = twoClasses((x, draw) => (x[0]! < 0.5 ? 0.01 : draw % 2 ? 0.99 : 0.01));
const dark = pictures([0, 9, 10, 9, 20, 9], [0, 1, 0]);
const bright = pictures([250, 9, 255, 9], [0, 0], { id: 'bright', title: 'Bright' });

describe('ood-detection', () => {
  it('separates perfectly what the draws disagree on, and asks for the other data in the scale of its own', async () => {
    const asked: unknown[] = [];
    const heard: number[] = [];
    const context = contextOf(dark, disagreesOnBright, {
      loadDataset: async (...request) => (asked.push(request), bright),
      report: (fraction) => heard.push(fraction),
    });
    const [result] = (await run(context, { dataset: 'bright' })).runs;
    expect(asked).toEqual([['bright', dark.scaling]]);
    for (const score of ['total', 'epistemic', 'maxProbability'] as const)
      expect(result!.detection[score]).toMatchObject({ auroc: { value: 1, low: 1, high: 1 }, aupr: { value: 1 }, fpr95: { value: 0 } });
    expect([result!.inside.dataset, result!.outside.dataset]).toEqual([undefined, 'bright']);
    expect([result!.inside.title, result!.inside.rows, result!.outside.title, result!.outside.rows]).toEqual(['By hand', 3, 'Bright', 2]);
    expect(result!.outside.total.mean).toBeCloseTo(Math.LN2, 6);
    expect(result!.outside.epistemic.mean).toBeCloseTo(Math.LN2 + 0.99 * Math.log(0.99) + 0.01 * Math.log(0.01), 6);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  });

  it('gives 1 − AUROC when the two sets change places', async () => {
    const blurred = twoClasses((x) => 0.5 * x[0]!);
    const [a, b] = [pictures([10, 0, 200, 0, 90, 0], [0, 0, 0]), pictures([50, 0, 180, 0, 240, 0], [0, 0, 0])];
    const [there, back] = await Promise.all([
      run(contextOf(a, blurred, { loadDataset: async () => b })),
      run(contextOf(b, blurred, { loadDataset: async () => a })),
    ]);
    const auroc = ({ runs }: OodDetection) => runs[0]!.detection.total.auroc.value;
    expect(auroc(there)).toBeCloseTo(6 / 9, 12); // by hand: 50 > 10; 180 > 10, 90; 240 > all
    expect(auroc(there) + auroc(back)).toBeCloseTo(1, 12);
  });

  it('finds nothing in the mutual information of draws that are all the same', async () => {
    const [result] = (
      await run(
        contextOf(
          dark,
          twoClasses((x) => (x[0]! > 0.5 ? 0.5 : 0.1)),
          { loadDataset: async () => bright },
        ),
      )
    ).runs;
    expect(result!.outside.epistemic.mean).toBeLessThan(1e-7);
    expect(result!.outside.epistemic.survival.at(-1)).toBe(0);
    expect(result!.detection.total.auroc.value).toBe(1);
  });

  it('takes no more rows than asked for', async () => {
    const [result] = (await run(contextOf(dark, disagreesOnBright), { dataset: 'noise', rows: 2 })).runs;
    expect([result!.inside.rows, result!.outside.rows]).toEqual([2, 2]);
  });

  it('refuses data of another shape, without rows, and regressions, in one sentence each', async () => {
    const wide = { ...bright, inputShape: [1, 3, 1] };
    await expect(run(contextOf(dark, disagreesOnBright, { loadDataset: async () => wide }))).rejects.toThrow(
      'Bright have shape 1 × 3 × 1, but the model takes 1 × 2 × 1',
    );
    const empty = pictures([], []);
    await expect(run(contextOf(dark, disagreesOnBright, { loadDataset: async () => empty }))).rejects.toThrow('By hand has no test rows');
    await expect(run(contextOf(empty, disagreesOnBright))).rejects.toThrow('no test rows to compare');
    const regression = pictures([1, 2], [0], { task: { kind: 'regression', outputs: 1 } });
    await expect(run(contextOf(regression, disagreesOnBright))).rejects.toThrow('choose a classifier');
  });
});

describe('what is measured', () => {
  it('is 1 − ECDF and counts that keep every row', () => {
    const { count, examples, survival, mean } = distribution(Float64Array.of(0, 0.1, 0.5, 1), [0, 0.25, 0.5, 0.75, 1], [0, 0.1, 0.3, 0.5, 1]);
    expect(count).toEqual([2, 0, 1, 1]);
    expect(examples).toEqual([[0, 1], [], [2], [3]]);
    expect(survival).toEqual([0.75, 0.5, 0.5, 0.25, 0]);
    expect(mean).toBe(0.4);
  });

  it('negates the largest probability of each row', () => {
    expect([...negatedMaxProbability({ probabilities: Float64Array.of(0.2, 0.8, 0.5, 0.5), classes: 2, rows: 2 })]).toEqual([-0.8, -0.5]);
  });
});

describe('images made here', () => {
  const large = pictures(new Array<number>(2000).fill(0), new Array<number>(1000).fill(0));
  const make = (id: string, seed = 1) => loadUnseen({ loadDataset: () => Promise.reject(new Error('not needed')) }, large, { id, limit: 500, seed });

  it('noise is uniform over the 256 values, and another one for each seed', async () => {
    const { x, rows } = await make('noise');
    expect([rows, x.length]).toEqual([500, 1000]);
    const mean = x.reduce((sum, value) => sum + value, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 1000));
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1000;
    expect(Math.abs(variance * 12 - 1)).toBeLessThan(0.12);
    expect((await make('noise', 2)).x).not.toEqual(x);
    expect((await make('noise')).x).toEqual(x);
  });

  it('blank images have one brightness each, from black to white', async () => {
    const { x } = await make('blank');
    expect([x[0], x[1], x[998], x[999]]).toEqual([0, 0, 1, 1]);
    for (let row = 0; row < 500; row++) expect(x[2 * row]).toBe(x[2 * row + 1]);
  });
});
