/** @file Which jobs get a process of their own. */
import { isCpu } from '../contract/device';
import type { ReadableDb } from '../store/database';
import { getSettings } from '../store/settings';

export function isIsolated(db: ReadableDb, device: string): boolean {
  const { isolateRuns } = getSettings(db);
  return isolateRuns === 'always' || (isolateRuns === 'GPU' && !isCpu(device));
}
