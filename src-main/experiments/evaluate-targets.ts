/** @file Evaluation of a regression, in the units of its target. */
import type { RegressionEvaluation } from '../contract/experiment';
import { gaussianNll, mixtureNll, pit, rmse } from '../engine/metrics/regression';
import type { PredictiveOptions, RegressionPredictive } from '../engine/training/posterior';
import type { ExperimentContext, TrainedRun } from './experiment';
import { partialOfTargets, scaled } from './partial';

const gridPoints = 200;

export async function evaluateTargets(
  run: TrainedRun,
  { signal, report }: ExperimentContext,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): Promise<RegressionEvaluation> {
  const { dataset, posterior } = run;
  const { x, y, rows } = dataset.test;
  const { ySd } = dataset.scaling;
  const options: PredictiveOptions = { draws, seed, signal };
  const of = posterior.count(draws);
  const predictive = await posterior.regress(x, rows, { ...options, report: (fraction) => report(fraction / 2, 'predicting the test rows') }, (partial) =>
    report(partial.draws / of / 2, 'predicting the test rows', partialOfTargets(partial, { dataset, of })),
  );
  const logScale = Math.log(ySd); // a density in target units is 1/ySd of that in standardised units
  const mean = (values: Float64Array) => (ySd * values.reduce((sum, value) => sum + value, 0)) / rows;
  return {
    task: 'regression',
    dataset: dataset.title,
    rows,
    draws: predictive.draws,
    rmse: ySd * rmse(predictive.mean, y),
    nll: mixtureNll(predictive.drawMeans, predictive.drawSds, y, predictive.degrees) + logScale,
    nllMomentMatched: gaussianNll(predictive.mean, predictive.total, y) + logScale,
    coverage: pit(predictive.drawMeans, predictive.drawSds, y, predictive.degrees).filter((p) => p >= 0.05 && p <= 0.95).length / rows,
    uncertainty: {
      mean: { total: mean(predictive.total), aleatoric: mean(predictive.aleatoric), epistemic: mean(predictive.epistemic) },
      ...(predictive.standardError && { standardError: scaled(predictive.standardError, ySd) }),
    },
    target: dataset.target,
    bands: x.length === rows ? await predictBands(run, { ...options, report: (fraction) => report((1 + fraction) / 2, 'predicting the bands') }) : null,
  };
}

/** The predictive over the range of a single input and a third of it beyond each end, where a model should become unsure. */
async function predictBands({ dataset, posterior }: TrainedRun, options: PredictiveOptions): Promise<NonNullable<RegressionEvaluation['bands']>> {
  const { scaling, raw, exactPredictive } = dataset;
  const points = (part: 'train' | 'test') => ({ x: [...raw[part].x], y: [...raw[part].y] });
  const [train, test] = [points('train'), points('test')];
  const seen = [...train.x, ...test.x].sort((a, b) => a - b);
  const margin = (seen.at(-1)! - seen[0]!) / 3;
  const low = seen[0]! - margin;
  const spacing = (seen.at(-1)! + margin - low) / (gridPoints - 1);
  const x = Array.from({ length: gridPoints }, (_, i) => low + i * spacing);

  const standardised = Float32Array.from(x, (value) => (value - scaling.xMean[0]!) / scaling.xSd[0]!);
  const predictive = await posterior.regress(standardised, gridPoints, options);
  const inUnits = (part: 'total' | 'aleatoric' | 'epistemic'): number[] => Array.from(predictive[part], (sd) => sd * scaling.ySd);
  return {
    x,
    mean: toTargetUnits(predictive, scaling),
    total: inUnits('total'),
    aleatoric: inUnits('aleatoric'),
    epistemic: inUnits('epistemic'),
    exact: exactPredictive?.(x) ?? null,
    train,
    test,
  };
}

const toTargetUnits = ({ mean }: RegressionPredictive, { yMean, ySd }: { readonly yMean: number; readonly ySd: number }): number[] =>
  Array.from(mean, (value) => value * ySd + yMean);
