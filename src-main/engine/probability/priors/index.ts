/** @file Every prior of the workbench. Adding one = one file + two lines here. */
import type { PriorKind } from '../prior';
import { flat } from './flat';
import { gaussian } from './gaussian';
import { laplace } from './laplace';
import { scaleMixture } from './scale-mixture';

export const priors = { gaussian, laplace, 'scale-mixture': scaleMixture, flat } satisfies Record<string, PriorKind>;
