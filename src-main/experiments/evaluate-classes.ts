/** @file Evaluation of a classifier. */
import type { ClassificationEvaluation, Decomposition, ExaminedImage, PartialPrediction } from '../contract/experiment';
import { ece } from '../engine/metrics/calibration';
import { brier, confusion, nllPerRow, predictedClasses } from '../engine/metrics/classification';
import type { ClassPredictive } from '../engine/training/posterior';
import type { ExperimentContext, TrainedRun } from './experiment';
import { tellClasses } from './partial';
import { reliabilityWithExamples } from './reliability';

const histogramBins = 30;

export async function evaluateClasses(
  { dataset, posterior }: TrainedRun,
  { signal, report }: ExperimentContext,
  { draws, images, seed }: { readonly draws: number; readonly images: number; readonly seed: number },
): Promise<ClassificationEvaluation> {
  const { x, y, rows } = dataset.test;
  const of = posterior.count(draws);
  const said = (fraction: number) => (of > 1 ? `draw ${Math.ceil(fraction * of)} of ${of}` : 'predicting the test rows');
  const tell = (fraction: number, partial?: PartialPrediction) => report(fraction, said(fraction), partial);
  const predictive = await posterior.classify(x, rows, { draws, seed, signal, report: tell }, tellClasses({ rows: dataset.title, of, y }, tell));
  const { probabilities, classes, total, epistemic } = predictive;

  const predicted = predictedClasses(probabilities, classes);
  const nll = nllPerRow(probabilities, classes, y);
  const nllSum = nll.reduce((sum, value) => sum + value, 0);
  const wrong = [...predicted.keys()].filter((row) => predicted[row] !== y[row]);
  const bins = reliabilityWithExamples(probabilities, classes, y);
  const everyRow = [...predicted.keys()];
  const mostUncertain = everyRow.toSorted((a, b) => total[b]! - total[a]! || a - b).slice(0, images);

  return {
    task: 'classification',
    dataset: dataset.title,
    classes: [...dataset.classes],
    imageShape: dataset.imageShape && [...dataset.imageShape],
    rows,
    draws: predictive.draws,
    errors: wrong.length,
    error: wrong.length / rows,
    nll: nllSum / rows,
    nllSum,
    brier: brier(probabilities, classes, y),
    ece: ece(bins),
    reliability: bins,
    confusion: confusion(probabilities, classes, y),
    uncertainty: {
      mean: meanUncertainty(predictive, everyRow),
      meanOfErrors: wrong.length > 0 ? meanUncertainty(predictive, wrong) : null,
      ...(predictive.standardError && { standardError: predictive.standardError }),
    },
    histogram: histogram(predictive),
    images: dataset.imageShape ? mostUncertain.map((row) => examine(row, dataset, predictive)) : [],
    perRow: { label: [...y], predicted: [...predicted], total: [...total], epistemic: [...epistemic], nll: [...nll] },
  };
}

/** One row with all that the draws say of it. */
function examine(row: number, { test, raw, classes }: TrainedRun['dataset'], predictive: ClassPredictive): ExaminedImage {
  const width = raw.test.x.length / raw.test.rows;
  const own = [row * classes.length, (row + 1) * classes.length] as const;
  return {
    row,
    label: test.y[row]!,
    pixels: [...raw.test.x.subarray(row * width, (row + 1) * width)],
    probabilities: [...predictive.probabilities.subarray(...own)],
    votes: [...predictive.votes.subarray(...own)],
    uncertainty: { total: predictive.total[row]!, aleatoric: predictive.aleatoric[row]!, epistemic: predictive.epistemic[row]! },
  };
}

function meanUncertainty({ total, aleatoric, epistemic }: ClassPredictive, rows: readonly number[]): Decomposition {
  const mean = (values: Float64Array) => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  return { total: mean(total), aleatoric: mean(aleatoric), epistemic: mean(epistemic) };
}

/** Counts in equal bins over [0, log classes], the range of an entropy. */
function histogram({ total, aleatoric, epistemic, classes }: ClassPredictive): ClassificationEvaluation['histogram'] {
  const top = Math.log(classes);
  const count = (values: Float64Array) => {
    const counts = Array.from({ length: histogramBins }, () => 0);
    for (const value of values) counts[Math.min(histogramBins - 1, Math.max(0, Math.floor((value / top) * histogramBins)))]!++;
    return counts;
  };
  return {
    edges: Array.from({ length: histogramBins + 1 }, (_, i) => (i * top) / histogramBins),
    total: count(total),
    aleatoric: count(aleatoric),
    epistemic: count(epistemic),
  };
}
