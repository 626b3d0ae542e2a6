/** Every chart of the workbench. Adding one = one file + two lines here. */
import { chainTraces } from './chain-traces';
import { classHistogram } from './class-histogram';
import { classProbabilities } from './class-probabilities';
import { confidenceHistogram } from './confidence-histogram';
import { confusionMatrix } from './confusion-matrix';
import { learningCurve } from './learning-curve';
import { quantileCalibration } from './quantile-calibration';
import { precisionCurve } from './precision-curve';
import { priorDensity } from './prior-density';
import { regressionBands } from './regression-bands';
import { regressionScatter } from './regression-scatter';
import { regressionUncertainty } from './regression-uncertainty';
import { rejectionCurve } from './rejection-curve';
import { reliabilityDiagram } from './reliability-diagram';
import { responseCurve } from './response-curve';
import { rotatedClasses } from './rotated-classes';
import { scoreComparison } from './score-comparison';
import { shiftHistogram } from './shift-histogram';
import { survivalCurves } from './survival-curves';
import { uncertaintyHistogram } from './uncertainty-histogram';
import { weightCourse } from './weight-course';
import { weightHistogram } from './weight-histogram';

export const charts = {
  'learning-curve': learningCurve,
  'class-histogram': classHistogram,
  'regression-scatter': regressionScatter,
  'reliability-diagram': reliabilityDiagram,
  'confidence-histogram': confidenceHistogram,
  'quantile-calibration': quantileCalibration,
  'confusion-matrix': confusionMatrix,
  'uncertainty-histogram': uncertaintyHistogram,
  'rejection-curve': rejectionCurve,
  'class-probabilities': classProbabilities,
  'regression-bands': regressionBands,
  'regression-uncertainty': regressionUncertainty,
  'shift-histogram': shiftHistogram,
  'survival-curves': survivalCurves,
  'rotated-classes': rotatedClasses,
  'response-curve': responseCurve,
  'precision-curve': precisionCurve,
  'prior-density': priorDensity,
  'weight-histogram': weightHistogram,
  'weight-course': weightCourse,
  'score-comparison': scoreComparison,
  'chain-traces': chainTraces,
} as const;
