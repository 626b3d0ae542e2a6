/** @file What a command ends with. */
import type { Run } from '../contract/run';

export const exitCodes = { succeeded: 0, failed: 1, misunderstood: 2, stopped: 130 } as const;

export const exitCodeOf = ({ status }: Pick<Run, 'status'>): number => {
  if (status === 'succeeded') return exitCodes.succeeded;
  return status === 'stopped' || status === 'interrupted' ? exitCodes.stopped : exitCodes.failed;
};
