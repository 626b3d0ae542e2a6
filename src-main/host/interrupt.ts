/** @file Ctrl-C: the first asks to stop, a later one leaves at once. */

/** npm and the terminal may both deliver the same Ctrl-C; two this near, ms, are one. */
const sameKeystroke = 400;

/** Calls `stop` at the first SIGINT or SIGTERM and `leave` at the next. Returns the way to undo it. */
export function onInterrupt({ stop, leave }: { stop: () => void; leave: () => void }): () => void {
  let last = -Infinity;
  let stopping = false;
  const listener = () => {
    const now = performance.now();
    if (now - last < sameKeystroke) return;
    last = now;
    if (stopping) leave();
    else stop();
    stopping = true;
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
}
