/** @file What of a chart on the screen goes into files. */
import type { Table } from './define-chart';
import type { Figure } from './figure';
import type { View } from './scene';
import type { Provenance } from './svg-painter';

export interface ExportSource {
  readonly figure: Figure;
  /** Made only when asked for: a long run has many rows. */
  readonly table: () => Table;
  readonly title: string;
  readonly provenance: Provenance;
  readonly logY: boolean;
  readonly view: View | undefined;
  /** Size on the screen, px; the file keeps its proportions. */
  readonly width: number;
  readonly height: number;
}
