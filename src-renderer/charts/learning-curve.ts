/** @file Metrics over steps or epochs. */
import { defineChart } from './define-chart';
import type { Mark, Values } from './figure';
import type { Role } from './palette';

export interface LearningCurves {
  readonly series: readonly {
    readonly name: string;
    readonly role: Role;
    readonly x: Values;
    readonly y: Values;
    readonly dashed?: boolean;
    readonly noisy?: boolean;
  }[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly yUnit?: string;
  /** Start with a logarithmic axis. */
  readonly logY?: boolean;
  /** Zero belongs to the axis. */
  readonly zero?: boolean;
  readonly xZero?: boolean;
}

export const learningCurve = defineChart<LearningCurves>({
  id: 'learning-curve',
  title: 'Learning curve',
  figure: ({ series, xLabel, yLabel, yUnit, logY, zero, xZero }) => ({
    x: { label: xLabel, whole: true, ...(xZero && { zero: true }) },
    y: { label: yLabel, logAllowed: true, ...(yUnit && { unit: yUnit }), ...(logY && { log: true }), ...(zero && { zero: true }) },
    // A curve of a few epochs is no noise to smooth away.
    marks: series.flatMap(({ noisy, ...line }): readonly Mark[] => [
      { type: 'line', noisy: noisy ?? line.x.length > 100, ...line },
      // One point makes no line yet.
      ...(line.x.length === 1 ? [{ type: 'points' as const, role: line.role, x: line.x, y: line.y }] : []),
    ]),
  }),
  table: ({ series, xLabel, yLabel }) => ({
    series: series.flatMap(({ name, x }) => Array.from({ length: x.length }, () => name)),
    [xLabel]: series.flatMap(({ x }) => Array.from(x)),
    [yLabel]: series.flatMap(({ y }) => Array.from(y)),
  }),
});
