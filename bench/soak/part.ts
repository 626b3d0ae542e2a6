/** @file A part of the soak: what it does, and what it found. */

/** A measured number beside its limit. */
export interface Figure {
  /** 'growth of memory' */
  readonly name: string;
  readonly value: string;
  /** 'under 5 %' */
  readonly limit: string;
  readonly holds: boolean;
}

export interface PartContext {
  /** The built app's entry: out/main/host.js. */
  readonly entry: string;
  /** A line that the next one replaces, on a terminal. */
  show(line: string): void;
}

export interface Part {
  /** 'steps/map': the part before the slash selects a family on the command line. */
  readonly id: string;
  /** All that decides what is done; a part that was finished under another text is done again. */
  readonly how: string;
  /** Estimate on two cores. */
  readonly minutes: number;
  run(context: PartContext): Promise<readonly Figure[]>;
}

export const none = (name: string, faults: readonly string[]): Figure => ({
  name,
  value: faults.length === 0 ? 'none' : `${faults.length}: ${[...new Set(faults)].slice(0, 3).join('; ')}`,
  limit: 'none',
  holds: faults.length === 0,
});
