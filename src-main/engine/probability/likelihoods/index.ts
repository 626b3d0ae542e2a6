/** @file Every likelihood of the workbench. Adding one = one file + two lines here. */
import type { LikelihoodKind } from '../likelihood';
import { bernoulli } from './bernoulli';
import { betaNll } from './beta-nll';
import { categorical } from './categorical';
import { gaussian } from './gaussian';
import { studentT } from './student-t';

export const likelihoods = { categorical, bernoulli, gaussian, 'student-t': studentT, 'beta-nll': betaNll } satisfies Record<string, LikelihoodKind>;
