/** @file What a chart is made of: marks in data coordinates. Charts return it, layout turns it into pixels, painters draw it. */
import type { Role } from './palette';

/** Any column of numbers; NaN = a gap. */
export type Values = ArrayLike<number>;

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Axis {
  readonly label: string;
  /** Unit shown after the label: `nats`, `%` … */
  readonly unit?: string;
  /** Fixed domain; else the data decide. */
  readonly domain?: readonly [number, number];
  /** The frame ends here at the latest, though marks go on: extrapolations may grow without bound. */
  readonly limit?: readonly [number, number];
  /** Zero belongs to the axis because zero means something. */
  readonly zero?: boolean;
  readonly log?: boolean;
  /** The reader may switch between linear and logarithmic. */
  readonly logAllowed?: boolean;
  /** Values are counts: no tick between two of them. */
  readonly whole?: boolean;
  /** Fixed ticks: classes, for instance. */
  readonly ticks?: readonly Tick[];
  /** Room between the data and the frame, as a share of the data's extent. */
  readonly padding?: number;
}

interface Common {
  readonly role: Role;
  /** Name in the legend or at the end of the line; absent = unlabelled. */
  readonly name?: string;
  /** What hovering over entry `index` says; absent = the exact coordinates. */
  readonly hover?: (index: number) => string;
}

export interface Line extends Common {
  readonly type: 'line';
  /** Ascending. */
  readonly x: Values;
  readonly y: Values;
  readonly dashed?: boolean;
  readonly faint?: boolean;
  /** A noisy trace that the reader may smooth. */
  readonly noisy?: boolean;
  /** Counts: zero stands on the floor of a logarithmic axis instead of leaving a gap. */
  readonly floored?: boolean;
}

/** The area between `low` and `high`. */
export interface Band extends Common {
  readonly type: 'band';
  readonly x: Values;
  readonly low: Values;
  readonly high: Values;
  readonly opacity: number;
}

/** Bars from 0 to `y`, `width` wide in units of x. */
export interface Bars extends Common {
  readonly type: 'bars';
  readonly x: Values;
  readonly y: Values;
  readonly width: number;
  readonly opacity?: number;
  /** Role of one entry, where entries differ. */
  readonly roleOf?: (index: number) => Role;
}

export interface Points extends Common {
  readonly type: 'points';
  readonly x: Values;
  readonly y: Values;
  /** Radius, px */
  readonly radius?: number;
  readonly hollow?: boolean;
}

/** Unit squares centred at (x, y); `intensity` in [0, 1] is the share of the role's colour over the background. */
export interface Cells extends Common {
  readonly type: 'cells';
  readonly x: Values;
  readonly y: Values;
  readonly intensity: Values;
  readonly roleOf?: (index: number) => Role;
}

export interface Texts extends Common {
  readonly type: 'texts';
  readonly x: Values;
  readonly y: Values;
  readonly text: readonly string[];
  /** The cell that entry `index` stands on: the text takes the colour that reads best there. */
  readonly on?: (index: number) => { readonly role: Role; readonly intensity: number };
  readonly align?: 'middle' | 'above';
}

export type Mark = Line | Band | Bars | Points | Cells | Texts;

export interface Figure {
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  readonly caption?: string;
  /** Names at the ends of the lines or in a row above the plot; default: at the ends where up to four lines are all there is. */
  readonly names?: 'end' | 'top';
}
