/** @file Every likelihood of the workbench. Adding one = one file + two lines here. */
import type { LikelihoodKind } from '../likelihood';
import { categorical } from './categorical';
import { gaussian } from './gaussian';

export const likelihoods = { categorical, gaussian } satisfies Record<string, LikelihoodKind>;
