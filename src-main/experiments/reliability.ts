/** @file The bins of a reliability diagram, with rows to look at. */
import type { Reliability } from '../contract/experiment';
import { confidenceBin, reliability } from '../engine/metrics/calibration';
import { examplesByBin } from './examples';

/** Shapes: probabilities [rows × classes], labels [rows]. `first`: the test row of the first label. */
export function reliabilityWithExamples(probabilities: ArrayLike<number>, classes: number, labels: ArrayLike<number>, bins = 15, first = 0): Reliability {
  const confidence = (row: number) => {
    let largest = 0;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, probabilities[row * classes + k]!);
    return largest;
  };
  const examples = examplesByBin(labels.length, bins, (row) => confidenceBin(confidence(row), bins));
  return { ...reliability(probabilities, classes, labels, bins), examples: examples.map((rows) => rows.map((row) => first + row)) };
}
