/** @file Every experiment of the workbench. Adding one = one file + two lines here. */
import { adversarial } from './adversarial';
import { calibration } from './calibration';
import { chains } from './chains';
import { evaluate } from './evaluate';
import type { ExperimentKind } from './experiment';
import { oodDetection } from './ood-detection';
import { priorPrecision } from './prior-precision';
import { rotation } from './rotation';

export const experiments = {
  evaluate,
  calibration,
  'ood-detection': oodDetection,
  rotation,
  adversarial,
  chains,
  'prior-precision': priorPrecision,
} satisfies Record<string, ExperimentKind>;
