/** @file One claim of faithfulness: what is trained or computed, how long that takes, and what it is held against. */
import type { Workbench } from './workbench';

/** A measured number beside its target. */
export interface Figure {
  /** 'test error' */
  readonly name: string;
  readonly value: number;
  /** '%', 'nats per image'; empty for a pure number. */
  readonly unit: string;
  /** 'at most 2.92 (2.60 + 2 SE)' */
  readonly target: string;
  readonly holds: boolean;
}

export interface Row {
  /** 'mnist/bbp-gaussian': the part before the slash selects a family on the command line. */
  readonly id: string;
  readonly title: string;
  /** Heading of its table. */
  readonly group: string;
  /** What `--method` selects; absent where a row is of no one method. */
  readonly method?: string;
  /** What is done, in one line: schedule, draws, rows. A row that was finished under another text is done again. */
  readonly how: string;
  /** Honest estimate on two cores. */
  readonly minutes: number;
  run(workbench: Workbench): Promise<readonly Figure[]>;
}

/** A figure that must not exceed its target. */
export const atMost = (name: string, value: number, limit: number, unit: string, because: string): Figure => ({
  name,
  value,
  unit,
  target: `≤ ${Number(limit.toPrecision(4))} (${because})`,
  holds: value <= limit,
});

/** A figure that must not fall below its target. */
export const atLeast = (name: string, value: number, limit: number, unit: string, because: string): Figure => ({
  name,
  value,
  unit,
  target: `≥ ${Number(limit.toPrecision(4))} (${because})`,
  holds: value >= limit,
});
