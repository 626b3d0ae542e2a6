/** @file How far one predictive is from another. After Izmailov et al. (2021), What Are Bayesian Neural Network Posteriors Really Like?, sec. 6. */
import { predictedClasses } from '../../src-main/engine/metrics/classification';
import type { ClassPredictive, RegressionPredictive } from '../../src-main/engine/training/posterior';

/** Means over the places of comparison. */
export interface ClassDistance {
  /** Share of places with the same most probable class. */
  readonly agreement: number;
  /** ½ Σ |p − q| over the classes, in [0, 1]. */
  readonly totalVariation: number;
}

export function distanceOfClasses(of: ClassPredictive, reference: ClassPredictive): ClassDistance {
  const { classes, rows } = reference;
  const [own, its] = [of, reference].map(({ probabilities }) => predictedClasses(probabilities, classes));
  return {
    agreement: own!.reduce((sum, value, row) => sum + Number(value === its![row]), 0) / rows,
    totalVariation: of.probabilities.reduce((sum, p, i) => sum + Math.abs(p - reference.probabilities[i]!), 0) / 2 / rows,
  };
}

export interface FunctionDistance {
  /** |μ − μ₀| / σ₀, mean over the places. */
  readonly meanDifference: number;
  /** σ/σ₀, geometric mean. */
  readonly sdRatio: number;
  /** Wasserstein-2 distance of the draws' means in units of σ₀, root of the mean square. */
  readonly wasserstein: number;
}

/** Between the draws of the function, not of the noise. */
export function distanceOfFunctions(of: RegressionPredictive, reference: RegressionPredictive): FunctionDistance {
  const { rows } = reference;
  let [difference, logRatio, squares] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const [own, its] = [of, reference].map(({ drawMeans }) => sortedColumn(drawMeans, row, rows));
    const sd = spread(its!);
    difference += Math.abs(mean(own!) - mean(its!)) / sd;
    logRatio += Math.log(Math.max(spread(own!), 1e-12) / sd);
    squares += wasserstein(own!, its!) ** 2 / sd ** 2;
  }
  return { meanDifference: difference / rows, sdRatio: Math.exp(logRatio / rows), wasserstein: Math.sqrt(squares / rows) };
}

const sortedColumn = (values: Float32Array, row: number, rows: number): Float64Array =>
  Float64Array.from({ length: values.length / rows }, (_, draw) => values[draw * rows + row]!).sort();
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
function spread(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** Of two samples on a line, by their quantile functions: √∫ (F⁻¹ − G⁻¹)² du, both being steps. Sorted. */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  let [i, j, at, sum] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const next = Math.min((i + 1) / a.length, (j + 1) / b.length);
    sum += (next - at) * (a[i]! - b[j]!) ** 2;
    at = next;
    if ((i + 1) / a.length <= at) i++;
    if ((j + 1) / b.length <= at) j++;
  }
  return Math.sqrt(sum);
}
