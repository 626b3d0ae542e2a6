/** @file Every inference method of the workbench. Adding one = one file + two lines here, and its entry in the conformance test. */
import { bayesByBackprop } from './bayes-by-backprop';
import { bootstrapEnsemble } from './bootstrap-ensemble';
import { calibratedBbp } from './calibrated-bbp';
import { concreteDropout } from './concrete-dropout';
import { deepEnsemble } from './deep-ensemble';
import { flipout } from './flipout';
import { hmc } from './hmc';
import { importanceWeighted } from './importance-weighted';
import { laplace } from './laplace';
import { localReparametrisation } from './local-reparametrisation';
import { map } from './map';
import { mcDropout } from './mc-dropout';
import type { InferenceMethod } from './method';
import { psgld } from './psgld';
import { radial } from './radial';
import { sghmc } from './sghmc';
import { sgld } from './sgld';
import { sgnht } from './sgnht';
import { sharpenedBbp } from './sharpened-bbp';
import { snapshotEnsemble } from './snapshot-ensemble';
import { swa } from './swa';
import { swag } from './swag';
import { variationalDropout } from './variational-dropout';

export const inferenceMethods = {
  map,
  bbp: bayesByBackprop,
  'local-reparametrisation': localReparametrisation,
  flipout,
  radial,
  'calibrated-bbp': calibratedBbp,
  'sharpened-bbp': sharpenedBbp,
  'importance-weighted': importanceWeighted,
  'variational-dropout': variationalDropout,
  'mc-dropout': mcDropout,
  'concrete-dropout': concreteDropout,
  'deep-ensemble': deepEnsemble,
  'bootstrap-ensemble': bootstrapEnsemble,
  'snapshot-ensemble': snapshotEnsemble,
  swa,
  swag,
  sgld,
  psgld,
  sghmc,
  sgnht,
  hmc,
  laplace,
} satisfies Record<string, InferenceMethod>;
export type InferenceMethodId = keyof typeof inferenceMethods;
