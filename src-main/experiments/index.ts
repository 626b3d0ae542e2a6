/** @file Every experiment of the workbench. Adding one = one file + two lines here. */
import { evaluate } from './evaluate';
import type { ExperimentKind } from './experiment';

export const experiments = { evaluate } satisfies Record<string, ExperimentKind>;
