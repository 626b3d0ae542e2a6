/** @file Do confidences match accuracies? Confidence = largest probability of a row. */
import { predictedClasses } from './classification';

/** Means per bin, as a reliability diagram shows them. An empty bin has count 0, accuracy 0 and its centre as confidence. */
export interface Reliability {
  readonly confidence: number[];
  readonly accuracy: number[];
  readonly count: number[];
}

interface Scored {
  readonly confidence: number;
  readonly correct: boolean;
}

const score = (probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>): Scored[] =>
  Array.from(predictedClasses(probabilities, classes), (predicted, row) => ({
    confidence: probabilities[row * classes + predicted]!,
    correct: predicted === labels[row],
  }));

const summarise = (bins: readonly (readonly Scored[])[]): Reliability => ({
  confidence: bins.map((bin, b) => (bin.length ? bin.reduce((sum, { confidence }) => sum + confidence, 0) / bin.length : (b + 0.5) / bins.length)),
  accuracy: bins.map((bin) => (bin.length ? bin.filter(({ correct }) => correct).length / bin.length : 0)),
  count: bins.map((bin) => bin.length),
});

/** Which of the bins of `reliability` a confidence falls into, from 0. */
export const confidenceBin = (confidence: number, bins: number): number => Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));

/** Bins of equal width over (0, 1], closed on the right. */
export function reliability(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>, bins = 15): Reliability {
  const members: Scored[][] = Array.from({ length: bins }, () => []);
  for (const scored of score(probabilities, classes, labels)) members[confidenceBin(scored.confidence, bins)]!.push(scored);
  return summarise(members);
}

/** Bins of equal row counts, ordered by confidence; sizes differ by at most one. */
export function adaptiveReliability(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>, bins = 15): Reliability {
  return equalCounts(score(probabilities, classes, labels), bins);
}

function equalCounts(scored: readonly Scored[], bins: number): Reliability {
  const sorted = scored.toSorted((a, b) => a.confidence - b.confidence);
  return summarise(Array.from({ length: bins }, (_, b) => sorted.slice(Math.floor((b * sorted.length) / bins), Math.floor(((b + 1) * sorted.length) / bins))));
}

const gaps = ({ confidence, accuracy, count }: Reliability) => count.map((n, b) => ({ n, gap: n ? Math.abs(accuracy[b]! - confidence[b]!) : 0 }));

/**
 * Expected calibration error: the gap between accuracy and confidence, averaged over the rows. Fraction in [0, 1].
 * With `adaptiveReliability` this is the adaptive (equal-mass) error.
 *
 * @see Guo et al. (2017), On Calibration of Modern Neural Networks, eq. 3; Nguyen & O'Connor (2015) for equal mass.
 */
export function ece(bins: Reliability): number {
  const weighed = gaps(bins);
  return weighed.reduce((sum, { n, gap }) => sum + n * gap, 0) / weighed.reduce((sum, { n }) => sum + n, 0);
}

/**
 * Adaptive calibration error: the gap between the frequency of a class and its probability, averaged over the classes and `ranges` of equal row counts of each.
 * Unlike `ece` it looks at every class's probability, not only the largest. Fraction in [0, 1].
 *
 * @see Nixon et al. (2019), Measuring Calibration in Deep Learning, eq. 3.
 */
export function ace(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>, ranges = 15): number {
  const gapsOf = (k: number) => {
    const scored = Array.from(labels, (label, row): Scored => ({ confidence: probabilities[row * classes + k]!, correct: label === k }));
    return gaps(equalCounts(scored, ranges));
  };
  const all = Array.from({ length: classes }, (_, k) => gapsOf(k).filter(({ n }) => n > 0)).flat();
  return all.reduce((sum, { gap }) => sum + gap, 0) / all.length;
}

/** Maximum calibration error: the largest gap of a bin that is not empty. @see Guo et al. (2017), eq. 4. */
export const mce = (bins: Reliability): number => Math.max(...gaps(bins).map(({ gap }) => gap));
