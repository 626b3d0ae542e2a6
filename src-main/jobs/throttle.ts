/** @file At most one call per interval, the last one never lost. */

export interface Throttled {
  /** Calls now, or at the end of the running interval. */
  soon(): void;
  /** Calls at once. */
  now(): void;
  /** Drops a call that waits. */
  cancel(): void;
}

/** @param interval ms */
export function throttle(interval: number, call: () => void): Throttled {
  let timer: NodeJS.Timeout | null = null;
  let waiting = false;
  const fire = () => {
    waiting = false;
    timer = setTimeout(() => {
      timer = null;
      if (waiting) fire();
    }, interval);
    call();
  };
  const cancel = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    waiting = false;
  };
  return {
    soon() {
      if (timer) waiting = true;
      else fire();
    },
    now() {
      cancel();
      fire();
    },
    cancel,
  };
}
