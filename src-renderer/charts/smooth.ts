/** @file Smoothing as a figure transform, so that screen and file show the same. */
import type { Figure, Line, Mark, Values } from './figure';

/** Exponential moving average with bias correction: s_t = Σ wᵏ y_{t−k} / Σ wᵏ. Gaps stay gaps. */
export function movingAverage(y: Values, weight: number): Float64Array {
  const out = new Float64Array(y.length);
  let [sum, mass] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    if (Number.isNaN(y[i]!)) out[i] = NaN;
    else {
      sum = weight * sum + y[i]!;
      mass = weight * mass + 1;
      out[i] = sum / mass;
    }
  }
  return out;
}

/** Smooths the noisy lines and keeps each raw line faintly behind. */
export function smooth(figure: Figure, weight: number): Figure {
  if (weight <= 0) return figure;
  const raw = (line: Line): Line => ({ type: 'line', role: line.role, x: line.x, y: line.y, faint: true, ...(line.dashed && { dashed: true }) });
  const marks = figure.marks.flatMap((mark): Mark[] =>
    mark.type === 'line' && mark.noisy ? [raw(mark), { ...mark, y: movingAverage(mark.y, weight) }] : [mark],
  );
  return { ...figure, marks };
}
