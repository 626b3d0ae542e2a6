/** @file What a trained network says of one image, turned and attacked as asked. */
import { WorkbenchError } from '../contract/errors';
import type { Explored, ExploreRequest } from '../contract/explore';
import { signStep } from './attack';
import type { TrainedRun } from './experiment';
import { planRotation, rotateImages } from './rotate-image';

const seed = 1;

/** @throws WorkbenchError `unsupported` for what is no classifier of grey images, `shape-mismatch` for an image of another size */
export async function exploreImage({ name, dataset, posterior }: TrainedRun, { image, angle, epsilon, draws }: Omit<ExploreRequest, 'run'>): Promise<Explored> {
  const { imageShape, inputShape, scaling, test, classes, task } = dataset;
  if (task.kind !== 'classification' || !imageShape || inputShape[2] !== 1)
    throw new WorkbenchError('unsupported', `Explore needs a classifier of grey images, but ${name} takes ${dataset.title}; choose another run`);
  const [height, width] = imageShape;
  const size = height * width;
  const toInput = (pixel: number) => (pixel - scaling.xMean[0]!) / scaling.xSd[0]!;
  const row = 'row' in image ? Math.min(image.row, test.rows - 1) : null;
  if ('pixels' in image && image.pixels.length !== size)
    throw new WorkbenchError('shape-mismatch', `The image has ${image.pixels.length} pixels; ${name} takes ${height} × ${width}`);

  const upright = 'pixels' in image ? Float32Array.from(image.pixels, toInput) : test.x.slice(row! * size, (row! + 1) * size);
  const label = row === null ? null : test.y[row]!;
  let x: Float32Array = angle === 0 ? upright : rotateImages(upright, planRotation(height, width, angle), toInput(0));
  if (epsilon > 0) {
    const target = label ?? predicted((await posterior.classify(x, 1, { draws, seed })).probabilities);
    const gradient = await posterior.inputGradient(x, Int32Array.of(target), { draws, seed, loss: 'mean-predictive' });
    x = signStep(x, gradient, (255 * epsilon) / scaling.xSd[0]!, [toInput(0), toInput(255)]);
  }
  const { probabilities, votes, total, aleatoric, epistemic, draws: used } = await posterior.classify(x, 1, { draws, seed });
  return {
    classes: [...classes],
    imageShape: [height, width],
    dataset: dataset.title,
    rows: test.rows,
    pixels: Array.from(x, (value) => Math.min(255, Math.max(0, Math.round(value * scaling.xSd[0]! + scaling.xMean[0]!)))),
    label,
    draws: used,
    probabilities: [...probabilities],
    votes: [...votes],
    uncertainty: { total: total[0]!, aleatoric: aleatoric[0]!, epistemic: epistemic[0]! },
  };
}

const predicted = (probabilities: Float64Array): number => probabilities.indexOf(Math.max(...probabilities));
