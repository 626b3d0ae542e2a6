/** @file Long work on the host that lets others in between. */

/** Yields every few milliseconds; what it returns is its result. Whoever drives it may do other things at a yield, or give it up. */
export type Interruptible<Result> = Generator<void, Result, void>;

/** Done in one go. */
export function atOnce<Result>(work: Interruptible<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
