/** @file What the first draws of a prediction give, as it is told while the others are under way. */
import type { Decomposition, PartialPrediction } from '../contract/experiment';
import type { PreparedDataset } from '../datasets/dataset';
import { nll, predictedClasses } from '../engine/metrics/classification';
import { mixtureNll, rmse } from '../engine/metrics/regression';
import type { ClassPredictive, RegressionPredictive, Watch } from '../engine/training/posterior';

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const scaled = (values: Decomposition, factor: number): Decomposition => ({
  total: factor * values.total,
  aleatoric: factor * values.aleatoric,
  epistemic: factor * values.epistemic,
});

const meansOf = (predictive: { readonly [part in keyof Decomposition]: Float64Array }): Decomposition => ({
  total: mean(predictive.total),
  aleatoric: mean(predictive.aleatoric),
  epistemic: mean(predictive.epistemic),
});

/** What the classes predicted are of. `of`: draws in the end; `y`: the classes, where the model could know them. */
interface Predicted {
  readonly rows: string;
  readonly of: number;
  readonly y?: ArrayLike<number>;
}

/** Reports what the draws so far give, with their share of all. */
export const tellClasses =
  (predicted: Predicted, report: (fraction: number, partial: PartialPrediction) => void): Watch<ClassPredictive> =>
  (predictive) =>
    report(predictive.draws / predicted.of, partialOfClasses(predictive, predicted));

export function partialOfClasses(predictive: ClassPredictive, { rows, of, y }: Predicted): PartialPrediction {
  const { probabilities, classes, draws, standardError } = predictive;
  const wrong = y && predictedClasses(probabilities, classes).reduce((count, label, row) => count + Number(label !== y[row]), 0);
  return {
    rows,
    draws,
    of,
    error: wrong === undefined ? null : { label: 'Error', value: (100 * wrong) / predictive.rows, unit: '%' },
    nll: y ? nll(probabilities, classes, y) : null,
    uncertainty: meansOf(predictive),
    unit: 'nats',
    standardError: standardError ?? null,
  };
}

export function partialOfTargets(
  predictive: RegressionPredictive,
  { dataset, of }: { readonly dataset: Pick<PreparedDataset, 'title' | 'test' | 'scaling' | 'target'>; readonly of: number },
): PartialPrediction {
  const { draws, drawMeans, drawSds, degrees, standardError } = predictive;
  const { ySd } = dataset.scaling;
  const { y } = dataset.test;
  return {
    rows: dataset.title,
    draws,
    of,
    error: { label: 'RMSE', value: ySd * rmse(predictive.mean, y), unit: dataset.target.unit },
    nll: mixtureNll(drawMeans, drawSds, y, degrees) + Math.log(ySd),
    uncertainty: scaled(meansOf(predictive), ySd),
    unit: dataset.target.unit,
    standardError: standardError ? scaled(standardError, ySd) : null,
  };
}
