/** Every chart of the workbench. Adding one = one file + two lines here. */
import { classHistogram } from './class-histogram';
import { learningCurve } from './learning-curve';
import { regressionScatter } from './regression-scatter';

export const charts = {
  'learning-curve': learningCurve,
  'class-histogram': classHistogram,
  'regression-scatter': regressionScatter,
} as const;
