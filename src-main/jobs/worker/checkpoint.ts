/** @file Checkpoints as files: a state and the number of steps done. */
import { readArtifact, writeArtifact } from '../../artifacts/artifact';
import { decodeSafetensors, encodeSafetensors } from '../../artifacts/safetensors';
import { WorkbenchError } from '../../contract/errors';
import type { RunId } from '../../contract/ids';
import type { Checkpoint } from '../../engine/training/train';
import type { TrainJob, WrittenFile } from '../protocol';

export type CheckpointReference = NonNullable<TrainJob['checkpoint']>;

/** The bytes depend on state and step alone, so equal hashes mean equal runs. @throws WorkbenchError `disk-full` */
export const writeCheckpoint = (folder: string, run: RunId, { step, state }: Checkpoint): Promise<WrittenFile> =>
  writeArtifact(folder, `${run}/step-${String(step).padStart(9, '0')}.safetensors`, encodeSafetensors(state, { step: String(step) }));

/** @throws WorkbenchError `not-found`, `checksum-mismatch`, `invalid-file` */
export async function readCheckpoint(folder: string, reference: CheckpointReference): Promise<Checkpoint> {
  const { tensors, metadata } = decodeSafetensors(await readArtifact(folder, reference));
  if (metadata['step'] !== String(reference.step)) {
    throw new WorkbenchError('invalid-file', `${reference.file} is a checkpoint of step ${metadata['step'] ?? '?'}; step ${reference.step} was expected`);
  }
  return { step: reference.step, state: tensors };
}
