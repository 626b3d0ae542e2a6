/** @file What a job in the worker may use: its folders, the control word, and the way back to the main thread. */
import type { ProgramStore } from '../../engine/backends/program-store';
import type { PartialPrediction } from '../../contract/experiment';
import { Control, type FromWorker, type WorkerSetup } from '../protocol';

export interface JobContext {
  readonly setup: WorkerSetup;
  /** Compiled steps of this job and earlier ones. */
  readonly programs: ProgramStore;
  post(message: FromWorker, transfer?: ArrayBuffer[]): void;
  /** Metric messages that the main thread has not stored yet are limited by credits; a job takes them here. */
  onCredits(receive: (count: number) => void): void;
  /** Aborted when the main thread says stop. */
  readonly signal: AbortSignal;
}

export type Command = keyof typeof Control;

/** The command that the main thread has given. */
export function readControl({ control }: WorkerSetup): Command {
  const word = Atomics.load(new Int32Array(control), 0);
  return word === Control.stop ? 'stop' : word === Control.pause ? 'pause' : 'run';
}

const reportInterval = 100; // ms

type Report = (fraction: number, message: string, partial?: PartialPrediction) => void;

/** Progress at most ten times a second; the end and what is known so far are always told. */
export function reporter(post: Report): Report {
  let last = -Infinity;
  return (fraction, message, partial) => {
    const now = performance.now();
    if (now - last < reportInterval && fraction < 1 && !partial) return;
    last = now;
    post(Math.min(1, Math.max(0, fraction)), message, partial);
  };
}
