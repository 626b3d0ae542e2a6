import { describe, expect, it } from 'vitest';
import { blend, contrast, mostReadable, themes, type Role } from './palette';

describe.each(Object.values(themes))('theme $name', (theme) => {
  it('has text of at least 4.5 : 1 and every line of at least 2.2 : 1 (orange on white is the least)', () => {
    for (const color of [theme.ink, theme.muted]) expect(contrast(color, theme.background)).toBeGreaterThan(4.5);
    for (const role of ['total', 'aleatoric', 'epistemic', 'elbo', 'nll', 'kl', 'train', 'validation'] satisfies Role[]) {
      expect(contrast(theme.roles[role], theme.background), role).toBeGreaterThan(2.2);
    }
  });

  it('writes readably on every cell of the confusion matrix', () => {
    for (const role of ['right', 'wrong'] satisfies Role[])
      for (let intensity = 0; intensity <= 0.9; intensity += 0.05) {
        const cell = blend(theme.roles[role], theme.background, intensity);
        expect(contrast(mostReadable(cell, [theme.ink, theme.background]), cell), `${role} ${intensity}`).toBeGreaterThan(3.5);
      }
  });
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
  expect(contrast('#777777', '#FFFFFF')).toBeCloseTo(4.478, 2); // the well-known grey just below AA
});

it('gives total, aleatoric and epistemic their fixed colours in light and on paper', () => {
  for (const name of ['light', 'paper'] as const) expect(themes[name].roles).toMatchObject({ total: '#0072B2', aleatoric: '#E69F00', epistemic: '#D55E00' });
});

it('blends channel by channel', () => {
  expect(blend('#ff0000', '#000000', 0.5)).toBe('#800000');
  expect(blend('#123456', '#ffffff', 1)).toBe('#123456');
});
