/** @file Draws of a run's weights as a file for other programs: plain tensors [draws, …], or a network that predicts with all of them. */
import { basename, dirname } from 'node:path';
import { writeArtifact } from '../../artifacts/artifact';
import { encodeSafetensors } from '../../artifacts/safetensors';
import { evenlySpaced } from '../../engine/training/learning-curve';
import type { Question } from '../protocol';
import type { OpenRun } from './open-run';

type Request = Pick<Extract<Question, { type: 'exportWeights' }>, 'format' | 'draws' | 'seed' | 'threads' | 'path'>;

/** Training rows that the ranges of integers are measured on. */
const calibrationRows = 1000;

/** Returns the bytes written. @throws WorkbenchError `unsupported`, `disk-full` */
export async function exportWeights({ name, dataset, exports }: OpenRun, { format, draws, seed, threads, path }: Request): Promise<number> {
  const { scaling } = dataset;
  const calibration = evenlySpaced(dataset.train, calibrationRows);
  const integers = { rows: calibration.rows, x: calibration.x, range: { by: 'mse' }, threads } as const;
  const content =
    format !== 'safetensors'
      ? await exports.predictive(draws, seed, scaling, format === 'int8.onnx' ? integers : undefined)
      : encodeSafetensors(await exports.draws(draws, seed), { run: name, dataset: dataset.title, scaling: JSON.stringify(scaling) });
  return (await writeArtifact(dirname(path), basename(path), content)).bytes;
}
