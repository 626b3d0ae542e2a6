/** @file Draws of a run's weights as a file for other programs: plain tensors [draws, …], or a network that predicts with all of them. */
import { basename, dirname } from 'node:path';
import { writeArtifact } from '../../artifacts/artifact';
import { encodeSafetensors } from '../../artifacts/safetensors';
import type { Question } from '../protocol';
import type { OpenRun } from './open-run';

type Request = Pick<Extract<Question, { type: 'exportWeights' }>, 'format' | 'draws' | 'seed' | 'path'>;

/** Returns the bytes written. @throws WorkbenchError `unsupported`, `disk-full` */
export async function exportWeights({ name, dataset, exports }: OpenRun, { format, draws, seed, path }: Request): Promise<number> {
  const { scaling } = dataset;
  const content =
    format === 'onnx'
      ? await exports.predictive(draws, seed, scaling)
      : encodeSafetensors(await exports.draws(draws, seed), { run: name, dataset: dataset.title, scaling: JSON.stringify(scaling) });
  return (await writeArtifact(dirname(path), basename(path), content)).bytes;
}
