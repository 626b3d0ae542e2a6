/** @file What every exported figure says of the run behind it. */
import type { Run } from '../../src-main/contract/run';

/** `settings` (the whole document, JSON) and `version` go into a file's metadata only; the rest is also printed below the plot. */
export const provenanceOf = (run: Run, method: string, more: Readonly<Record<string, string | number>>): Readonly<Record<string, string | number>> => ({
  run: run.name || run.id,
  id: run.id,
  method,
  ...more,
  settings: JSON.stringify(run.spec),
  ...(run.environment && { version: run.environment.app }),
});
