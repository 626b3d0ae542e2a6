/** @file Puts an IDX file of images and one of labels together. */
import { WorkbenchError } from '../contract/errors';
import type { RawPart } from './dataset';
import type { IdxArray } from './idx';

export interface LabelledImages extends RawPart {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly imageShape: [height: number, width: number];
}

/** Shapes: images [rows, height, width], labels [rows]. @throws WorkbenchError `invalid-file`; `names` are what the user calls the files. */
export function pairImages(images: IdxArray, labels: IdxArray, names: { readonly images: string; readonly labels: string }): LabelledImages {
  const [rows = 0, height = 0, width = 0] = images.shape;
  if (images.shape.length !== 3)
    throw new WorkbenchError(
      'invalid-file',
      `${names.images}: expected images [rows × height × width], got [${images.shape.join(' × ')}]; were images and labels swapped?`,
    );
  if (labels.shape.length !== 1)
    throw new WorkbenchError('invalid-file', `${names.labels}: expected labels [rows], got [${labels.shape.join(' × ')}]; were images and labels swapped?`);
  if (labels.shape[0] !== rows)
    throw new WorkbenchError('invalid-file', `${names.images} and ${names.labels} do not belong together: ${rows} images, ${labels.shape[0]} labels`);
  return { rows, x: images.data, y: labels.data, imageShape: [height, width] };
}
