/** @file Every inference method of the workbench. Adding one = one file + two lines here, and its entry in the conformance test. */
import { bayesByBackprop } from './bayes-by-backprop';
import { map } from './map';
import type { InferenceMethod } from './method';

export const inferenceMethods = { map, bbp: bayesByBackprop } satisfies Record<string, InferenceMethod>;
export type InferenceMethodId = keyof typeof inferenceMethods;
