/** @file Repository of what happened to a run, in words. */
import type { RunId } from '../contract/ids';
import { RunEvent } from '../contract/run';
import type { ReadableDb, WritableDb } from './database';
import { runKey } from './runs';

export function insertEvent(db: WritableDb, run: RunId, { time, level, message, step }: RunEvent): void {
  db.prepare('INSERT INTO events (run, time, level, message, step) VALUES (?, ?, ?, ?, ?)').run(runKey(db, run), time, level, message, step);
}

/** Oldest first. */
export const listEvents = (db: ReadableDb, run: RunId): RunEvent[] =>
  db
    .prepare('SELECT time, level, message, step FROM events WHERE run = ? ORDER BY key')
    .all(runKey(db, run))
    .map((row) => RunEvent.parse(row));
