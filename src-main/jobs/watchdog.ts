/** @file Watches a worker for a call into its device that never ends: a native call cannot be interrupted, only missed. */
import { words } from './protocol';

const tick = 250; // ms

/**
 * Calls `onHung` once, with the call's patience in ms, when a call into the device has taken longer than that.
 * Time is counted in ticks, so that a computer that slept, or a process that was stopped, is not held to it.
 *
 * @param shared memory of `words`
 * @returns the way to end the watch
 */
export function watchWorker(shared: Int32Array, onHung: (patience: number) => void): () => void {
  let seen = 0;
  let silence = 0; // ms
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const calls = Atomics.load(shared, words.calls);
    const patience = Atomics.load(shared, words.patience);
    silence = patience === 0 || calls !== seen ? 0 : silence + Math.min(now - last, 2 * tick);
    seen = calls;
    last = now;
    if (patience === 0 || silence <= patience) return;
    clearInterval(timer);
    onHung(patience);
  }, tick);
  timer.unref();
  return () => clearInterval(timer);
}
