import { describe, expect, it } from 'vitest';
import { formatExact, formatTick, linearTicks, logTicks, makeScale, niceStep } from './scale';

const texts = (ticks: readonly { text: string }[]) => ticks.map(({ text }) => text);

describe('scales', () => {
  it('map the domain onto the pixels and back, linearly and by logarithm', () => {
    const linear = makeScale([-2, 3], 300, 50, false);
    expect([linear.at(-2), linear.at(0.5), linear.at(3)]).toEqual([300, 175, 50]);
    const log = makeScale([0.01, 100], 0, 400, true);
    expect(log.at(1)).toBeCloseTo(200, 10);
    expect(log.at(10)).toBeCloseTo(300, 10);
    expect(log.at(0)).toBeNaN();
    for (const scale of [linear, log]) for (const pixel of [60, 123.4, 290]) expect(scale.at(scale.invert(pixel))).toBeCloseTo(pixel, 8);
  });

  it('step by 1, 2 or 5 times a power of ten', () => {
    for (const extent of [0.00123, 0.7, 1, 3.3, 42, 98765]) {
      const step = niceStep(extent, 5);
      const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
      expect([1, 2, 5].some((nice) => Math.abs(mantissa - nice) < 1e-9)).toBe(true);
      expect(extent / step).toBeGreaterThan(2.4);
      expect(extent / step).toBeLessThan(8);
    }
  });

  it('tick with just the digits the step needs', () => {
    expect(texts(linearTicks([0, 1], 5))).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(texts(linearTicks([-0.05, 0.1], 3))).toEqual(['−0.05', '0', '0.05', '0.10']);
    expect(texts(linearTicks([0, 60000], 3))).toEqual(['0', '20\u202f000', '40\u202f000', '60\u202f000']);
    expect(texts(linearTicks([0, 4e-6], 2))).toEqual(['0', '2×10⁻⁶', '4×10⁻⁶']);
    expect(formatTick(1.5e8, 5e7)).toBe('1.5×10⁸');
  });

  it('tick counts at whole numbers only', () => {
    expect(texts(linearTicks([0, 3], 8, true))).toEqual(['0', '1', '2', '3']);
    expect(texts(linearTicks([1, 1000], 4, true))).toEqual(['200', '400', '600', '800', '1000']);
  });

  it('tick inside the domain only, even where the step is no binary fraction', () => {
    const ticks = linearTicks([0.1, 0.3], 4);
    expect(ticks.map(({ value }) => value)).toEqual([0.1, expect.closeTo(0.15), 0.2, 0.25, expect.closeTo(0.3)]);
  });

  it('tick logarithmic axes at powers of ten, at 2 and 5 where there is room, linearly within one power', () => {
    expect(texts(logTicks([1e-7, 1e7], 20))).toEqual([
      '10⁻⁷',
      '10⁻⁶',
      '0.00001',
      '0.0001',
      '0.001',
      '0.01',
      '0.1',
      '1',
      '10',
      '100',
      '1000',
      '10\u202f000',
      '100\u202f000',
      '1\u202f000\u202f000',
      '10⁷',
    ]);
    expect(texts(logTicks([1, 100], 8))).toEqual(['1', '2', '5', '10', '20', '50', '100']);
    expect(texts(logTicks([2, 9], 4))).toEqual(['2', '4', '6', '8']);
    expect(logTicks([1e-12, 1e12], 6).length).toBeLessThanOrEqual(7);
  });

  it('write exact values with six significant digits', () => {
    expect([0.1 + 0.2, -1234567.891, 0, NaN, 12345.678, 1.5e-7].map(formatExact)).toEqual([
      '0.3',
      '−1\u202f234\u202f570',
      '0',
      '—',
      '12\u202f345.7',
      '1.5×10⁻⁷',
    ]);
  });
});
