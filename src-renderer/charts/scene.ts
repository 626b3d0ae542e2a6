/** @file What painters draw: data coordinates with their scales, pixels and colours, all resolved. */
import type { Tick } from './figure';
import type { Theme } from './palette';
import type { Scale } from './scale';
import type { Font } from './text';

/** Part of the plane the reader zoomed to. */
export interface View {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

type Column = ArrayLike<number>;

export type LaidMark =
  | { readonly type: 'line'; readonly x: Column; readonly y: Column; readonly color: string; readonly width: number; readonly dash: readonly number[] }
  | { readonly type: 'band'; readonly x: Column; readonly low: Column; readonly high: Column; readonly color: string }
  | { readonly type: 'points'; readonly x: Column; readonly y: Column; readonly color: string; readonly radius: number; readonly hollow: boolean }
  /** Rectangles from `low` to `high`, `width` px wide, centred at x. */
  | { readonly type: 'boxes'; readonly x: Column; readonly low: Column; readonly high: Column; readonly width: number; readonly colors: readonly string[] }
  /** `dy`: px below the point. */
  | {
      readonly type: 'texts';
      readonly x: Column;
      readonly y: Column;
      readonly text: readonly string[];
      readonly colors: readonly string[];
      readonly dy: number;
      readonly size: number;
    };

export interface LaidText {
  readonly text: string;
  readonly x: number; // px
  readonly y: number; // px, middle of the line
  readonly anchor: 'start' | 'middle' | 'end';
  readonly size: number; // px
  readonly color: string;
  readonly bold?: boolean;
}

/** A sample of a mark beside its name. */
export interface Swatch {
  readonly kind: 'line' | 'area' | 'dot';
  readonly x: number; // px, left
  readonly y: number; // px, middle
  readonly color: string;
  readonly dash: readonly number[];
  readonly hollow: boolean;
}

export interface AxisLayout {
  readonly scale: Scale;
  /** `at`: px along the axis. */
  readonly ticks: readonly (Tick & { readonly at: number })[];
  readonly label: string;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly theme: Theme;
  readonly font: Font;
  readonly x: AxisLayout;
  readonly y: AxisLayout;
  readonly marks: readonly LaidMark[];
  readonly texts: readonly LaidText[];
  readonly swatches: readonly Swatch[];
}
