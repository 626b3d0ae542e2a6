/** @file Every experiment of the workbench. Adding one = one file + two lines here. */
import { adversarial } from './adversarial';
import { calibration } from './calibration';
import { chains } from './chains';
import { evaluate } from './evaluate';
import type { ExperimentKind } from './experiment';
import { oodDetection } from './ood-detection';
import { priorPrecision } from './prior-precision';
import { pruning } from './pruning';
import { quantisation } from './quantisation';
import { rotation } from './rotation';
import { weights } from './weights';

export const experiments = {
  evaluate,
  calibration,
  'ood-detection': oodDetection,
  rotation,
  adversarial,
  weights,
  pruning,
  chains,
  quantisation,
  'prior-precision': priorPrecision,
} satisfies Record<string, ExperimentKind>;
