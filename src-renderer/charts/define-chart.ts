import type { Figure } from './figure';

/** Columns of equal length: what CSV export and the table for screen readers show. */
export type Table = Readonly<Record<string, ArrayLike<number | string>>>;

/** One kind of chart: data → figure, and the same data as a table. */
export interface ChartDefinition<Data> {
  readonly id: string;
  readonly title: string;
  figure(data: Data): Figure;
  table(data: Data): Table;
}

export const defineChart = <Data>(chart: ChartDefinition<Data>): ChartDefinition<Data> => chart;
