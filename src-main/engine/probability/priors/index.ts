/** @file Every prior of the workbench. Adding one = one file + two lines here. */
import type { PriorKind } from '../prior';
import { flat } from './flat';
import { gammaPrecision } from './gamma-precision';
import { gaussian } from './gaussian';
import { horseshoe } from './horseshoe';
import { laplace } from './laplace';
import { regularisedHorseshoe } from './regularised-horseshoe';
import { scaleMixture } from './scale-mixture';
import { studentT } from './student-t';
import { tensorMixture } from './tensor-mixture';

export const priors = {
  gaussian,
  laplace,
  'scale-mixture': scaleMixture,
  'tensor-mixture': tensorMixture,
  'student-t': studentT,
  'gamma-precision': gammaPrecision,
  horseshoe,
  'regularised-horseshoe': regularisedHorseshoe,
  flat,
} satisfies Record<string, PriorKind>;
