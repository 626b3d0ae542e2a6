import { expect, it } from 'vitest';
import { bytes, duration, moment, percent, significant, withError } from './number-format';

it('keeps the asked number of significant digits', () => {
  expect([significant(0.123456), significant(125_178.9), significant(-4.3829), significant(9.99996), significant(0.00098765, 3)]).toEqual([
    '0.1235',
    '125,200',
    '−4.383',
    '10.00',
    '0.000988',
  ]);
});
it('writes powers of ten for the very large and small, and a dash for nothing', () => {
  expect([significant(1.2345e-7, 3), significant(-2e12, 2), significant(null), significant(NaN), significant(Infinity)]).toEqual([
    '1.23 × 10⁻⁷',
    '−2.0 × 10¹²',
    '–',
    '–',
    '∞',
  ]);
});
it('gives a percentage as many decimals as the rows can carry', () => {
  expect([percent(0.0182, 10_000), percent(0.12, 100), percent(0.6189, 5000), percent(0, 10_000)]).toEqual(['1.82 %', '12 %', '61.9 %', '0.00 %']);
});
it('cuts a value where its standard error does', () => {
  expect([withError(97.8123, 0.132), withError(97.8123, 0.4), withError(1234.5, 20), withError(3.14159, 0)]).toEqual([
    '97.81 ± 0.13',
    '97.8 ± 0.4',
    '1235 ± 20',
    '3.142',
  ]);
});
it('writes durations and bytes', () => {
  expect([duration(42.4), duration(185), duration(7800), duration(null)]).toEqual(['42 s', '3 min 5 s', '2 h 10 min', '–']);
  expect([duration(7199)]).toEqual(['2 h 0 min']);
  expect([bytes(0), bytes(1023), bytes(13_002_342)]).toEqual(['0 B', '1023 B', '12.4 MiB']);
});
it('shortens a moment by its distance', () => {
  const now = new Date(2026, 10, 21, 18, 0).getTime();
  expect([
    moment(new Date(2026, 10, 21, 14, 3).getTime(), now),
    moment(new Date(2026, 2, 1, 9, 5).getTime(), now),
    moment(new Date(2025, 10, 21).getTime(), now),
  ]).toEqual(['14:03', '1 Mar 09:05', '21 Nov 2025']);
});
