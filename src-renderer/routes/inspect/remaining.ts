/** @file How long something still takes, judged by its progress so far. */

export interface Observed {
  readonly time: number; // ms
  readonly fraction: number; // in [0, 1]
}

/** Seconds to the end at the mean speed since `first`; null in the first second, when speed says little. */
export function remaining(first: Observed, now: Observed): number | null {
  const elapsed = (now.time - first.time) / 1000;
  const done = now.fraction - first.fraction;
  return elapsed < 1 || done <= 0 ? null : (elapsed * (1 - now.fraction)) / done;
}
