import { describe, expect, it } from 'vitest';
import { toyHeteroscedastic, toyHomoscedastic } from './toy-regression';

const context = { folder: '/nowhere' };

describe.each([
  [toyHomoscedastic, () => 0.3],
  [toyHeteroscedastic, (x: number) => Math.abs((x + 2) * 0.3)],
] as const)('$id', (toy, noiseSd) => {
  it('trains on the middle 250 of 400 points on [−3, 3]', async () => {
    const { train, test } = await toy.load(context, { seed: 2 });
    expect([train.rows, test.rows]).toEqual([250, 150]);
    const [first, last] = [Math.min(...train.x), Math.max(...train.x)];
    expect([...test.x].filter((x) => x < first).length).toBe(75);
    expect([...test.x].filter((x) => x > last).length).toBe(75);
    expect(Math.min(...test.x)).toBeGreaterThan(-3);
    expect(Math.max(...test.x)).toBeLessThan(3);
  });

  it('is a pure function of its seed', async () => {
    const again = await toy.load(context, { seed: 2 });
    expect(again).toEqual(await toy.load(context, { seed: 2 }));
    expect((await toy.load(context, { seed: 3 })).hash).not.toBe(again.hash);
  });

  it('has the noise that its exact predictive adds', async () => {
    const { train } = await toy.load(context, { seed: 2 });
    const x = [-3, -1, 0, 2.5];
    const { total, epistemic } = toy.exactPredictive!(train, { seed: 2 })(x);
    x.forEach((at, i) => expect(Math.sqrt(total[i]! ** 2 - epistemic[i]! ** 2)).toBeCloseTo(noiseSd(at), 6));
  });

  it('has residuals about the exact mean as large as the noise says', async () => {
    let squares = 0;
    let rows = 0;
    for (let seed = 0; seed < 4; seed++) {
      const { train } = await toy.load(context, { seed });
      const { mean } = toy.exactPredictive!(train, { seed })([...train.x]);
      train.x.forEach((x, i) => {
        if (noiseSd(x) < 0.05) return; // there the function itself follows the points
        squares += ((train.y[i]! - mean[i]!) / noiseSd(x)) ** 2;
        rows++;
      });
    }
    // χ² over rows less the ~8 degrees of freedom of the function per data set; standard error √(2/960) = 0.046.
    expect(Math.abs(squares / (rows - 4 * 8) - 1)).toBeLessThan(0.17);
  });
});
