/** @file The points of the live curves that cost a prediction: error and NLL of training and validation rows. The test rows are never looked at. */
import type { MetricInfo } from '../../contract/run';
import { nll, predictedClasses } from '../metrics/classification';
import { mixtureNll, rmse } from '../metrics/regression';
import type { Task } from '../probability/likelihood';
import type { Rows } from './minibatches';
import type { Posterior, PredictiveOptions } from './posterior';

/** Training rows that are measured: enough to give an error of 1 % to ± 0.14 %. */
const trainingRows = 5000;

const infos = (part: 'train' | 'validation', name: string, task: Task['kind']): MetricInfo[] => [
  task === 'classification'
    ? { id: `${part}Error`, title: `${name} error`, unit: '', scope: 'epoch' }
    : { id: `${part}Rmse`, title: `${name} RMSE`, unit: 'target units', scope: 'epoch' },
  { id: `${part}Nll`, title: `${name} NLL`, unit: 'nats per row', scope: 'epoch' },
];

/** What is measured once in `validateEvery` epochs. */
export const epochMetrics = (task: Task['kind']): MetricInfo[] => [...infos('train', 'Training', task), ...infos('validation', 'Validation', task)];

/** What the curve is measured on; made once, since it copies. */
export const curveRows = ({ train, validation }: CurveRows): CurveRows => ({ train: evenlySpaced(train, trainingRows), validation });
interface CurveRows {
  readonly train: Rows;
  readonly validation: Rows;
}

/** Values of `epochMetrics` by id; without validation rows only those of training rows. `ySd`: target units per standardised unit. */
export async function measureErrors(
  posterior: Posterior,
  task: Task['kind'],
  curve: CurveRows,
  ySd: number,
  options: PredictiveOptions,
): Promise<{ readonly [metric: string]: number }> {
  const values: Record<string, number> = {};
  for (const part of ['train', 'validation'] as const) {
    const rows = curve[part];
    if (rows.rows === 0) continue;
    const scores = task === 'classification' ? await scoreClasses(posterior, rows, options) : await scoreTargets(posterior, rows, ySd, options);
    for (const [name, value] of Object.entries(scores)) values[`${part}${name[0]!.toUpperCase()}${name.slice(1)}`] = value;
  }
  return values;
}

async function scoreClasses(posterior: Posterior, { x, y, rows }: Rows, options: PredictiveOptions) {
  const { probabilities, classes } = await posterior.classify(x, rows, options);
  const predicted = predictedClasses(probabilities, classes);
  return { error: predicted.filter((label, row) => label !== y[row]).length / rows, nll: nll(probabilities, classes, y) };
}

/** Both in target units; the NLL is that of the mixture of the draws. */
async function scoreTargets(posterior: Posterior, { x, y, rows }: Rows, ySd: number, options: PredictiveOptions) {
  const { mean, drawMeans, drawSds, degrees } = await posterior.regress(x, rows, options);
  return { rmse: ySd * rmse(mean, y), nll: mixtureNll(drawMeans, drawSds, y, degrees) + Math.log(ySd) };
}

/** At most `count` rows, spread over the whole part, which may be sorted. */
export function evenlySpaced(part: Rows, count: number): Rows {
  if (part.rows <= count) return part;
  const pick = <A extends Float32Array | Int32Array>(values: A): A => {
    const width = values.length / part.rows;
    const picked = values.slice(0, count * width) as A;
    for (let i = 0; i < count; i++) {
      const row = Math.floor((i * part.rows) / count);
      picked.set(values.subarray(row * width, (row + 1) * width), i * width);
    }
    return picked;
  };
  return { rows: count, x: pick(part.x), y: pick(part.y) };
}
