/** @file What file painters print: a layout in px and how large these px are. */
import type { Layout } from './scene';

export interface Page {
  readonly layout: Layout;
  /** Points (1/72 inch) to a px of the layout. */
  readonly pointsPerPx: number;
}

/** A CSS px is 1/96 inch. */
export const screenPointsPerPx = 0.75;
