/** @file Kept draws as files: one for each draw, its step and member in the metadata and in the name. */
import { readArtifact, writeArtifact } from '../../artifacts/artifact';
import { decodeSafetensors, encodeSafetensors } from '../../artifacts/safetensors';
import { WorkbenchError } from '../../contract/errors';
import type { RunId } from '../../contract/ids';
import type { Training } from '../../contract/spec';
import type { KeptDraw, StoredDraw } from '../../engine/training/kept-draws';
import type { StoredDrawFile, WrittenFile } from '../protocol';

/** @throws WorkbenchError `disk-full` */
export const writeDraw = (folder: string, run: RunId, { step, member, weights }: KeptDraw, precision: Training['keptPrecision']): Promise<WrittenFile> =>
  writeArtifact(
    folder,
    `${run}/draw-${String(step).padStart(9, '0')}-${String(member).padStart(3, '0')}.safetensors`,
    encodeSafetensors(weights, { step: String(step), member: String(member) }, precision),
  );

const name = /\/draw-(?<step>\d+)-(?<member>\d+)\.safetensors$/;

/** A run that goes on training drops its oldest draws, also while they are being studied. */
function explainGone(cause: unknown): never {
  if (!(cause instanceof WorkbenchError) || cause.code !== 'not-found') throw cause;
  throw new WorkbenchError(
    'not-found',
    `${cause.message}. If the run is still training, it has dropped this draw for a newer one: study it again, or let it keep more draws`,
    { cause },
  );
}

/** The draw in a file, which is read when it is asked for. @throws WorkbenchError `not-found`, `checksum-mismatch`, `invalid-file` */
export function storedDraw(folder: string, reference: StoredDrawFile): StoredDraw {
  const member = name.exec(reference.file)?.groups?.['member'];
  if (member === undefined) throw new WorkbenchError('invalid-file', `${reference.file} is not the name of a kept draw`);
  return {
    step: reference.step,
    member: Number(member),
    load: async () => decodeSafetensors(await readArtifact(folder, reference).catch(explainGone)).tensors,
  };
}
