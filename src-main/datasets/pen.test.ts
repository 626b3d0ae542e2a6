import { describe, expect, it } from 'vitest';
import { Paper, side } from './pen';

const area = ({ ink }: Paper) => ink.reduce((sum, coverage) => sum + Math.min(1, coverage), 0);

describe('Paper', () => {
  it('inks the area of a capsule: 2 r L + π r², and π s²/12 for the soft edge of its round ends', () => {
    for (const [x1, y1] of [
      [22, 14],
      [19.3, 20.7],
      [8, 21.5],
    ] as const) {
      const paper = new Paper();
      paper.line(8, 9, x1, y1, 2.5, 2.5, 1.5);
      const length = Math.hypot(x1 - 8, y1 - 9);
      const exact = 2 * 2.5 * length + Math.PI * 2.5 ** 2 + (Math.PI * 1.5 ** 2) / 12;
      expect(Math.abs(area(paper) / exact - 1)).toBeLessThan(0.01);
    }
  });

  it('has exact coverages on a horizontal line', () => {
    const paper = new Paper();
    paper.line(5, 14.5, 23, 14.5, 1.25, 1.25, 1);
    // Centres at distance 0, 1 and 2 of the line: (1.25 − d)/1 + ½, at least 0.
    expect([12, 13, 14, 15, 16].map((row) => paper.ink[row * side + 14])).toEqual([0, 0.75, 1.75, 0.75, 0]);
  });

  it('widens from one radius to the other', () => {
    const paper = new Paper();
    paper.line(4, 14, 24, 14, 1, 3, 1);
    const width = (column: number) => Array.from({ length: side }, (_, row) => Math.min(1, paper.ink[row * side + column]!)).reduce((a, b) => a + b);
    expect(width(8)).toBeCloseTo(2 * (1 + (4.5 / 20) * 2), 1);
    expect(width(20)).toBeCloseTo(2 * (1 + (16.5 / 20) * 2), 1);
  });

  it('clips at the border, draws dots, and keeps the darker of two strokes', () => {
    const paper = new Paper();
    paper.line(-5, -5, 40, 40, 1, 1, 1);
    paper.line(20, 8, 20, 8, 1, 1, 1);
    const before = area(paper);
    paper.line(20, 8, 20, 8, 0.8, 0.8, 1);
    expect(area(paper)).toBe(before);
    paper.clear();
    expect(area(paper)).toBe(0);
  });
});
