/** @file Import of the user's own IDX files: looked at first, then copied into the data folder. */
import { join } from 'node:path';
import type { DatasetPreview, IdxImport, ImportedImages } from '../contract/dataset';
import { WorkbenchError } from '../contract/errors';
import type { LoadContext } from './dataset';
import { readIdx } from './idx';
import { writeImageFolder } from './image-folder';
import { pairImages, type LabelledImages } from './pair-images';
import { countClasses, imageStatistics } from './preview';

/** Absolute paths of the uploaded files by their ids. */
export type UploadedFiles = Readonly<Record<string, string>>;

interface ReadImport {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classes: readonly string[];
}

const invalid = (message: string) => new WorkbenchError('invalid-file', message);

const rowsBetween = ({ x, y, imageShape }: LabelledImages, from: number, to: number): LabelledImages => {
  const size = imageShape[0] * imageShape[1];
  return { rows: to - from, x: x.slice(from * size, to * size), y: y.slice(from, to), imageShape };
};

/** Reads and cross-checks the two or four files. Without test files, the last seventh of the rows is the test part. */
async function readImport(request: IdxImport, files: UploadedFiles, signal?: AbortSignal): Promise<ReadImport> {
  const read = (id: string, name: string) => {
    const path = files[id];
    if (path === undefined) throw new WorkbenchError('not-found', `The upload of the ${name} is gone; choose the file again`);
    return readIdx(path, { name, ...(signal && { signal }) });
  };
  const readPair = async (imagesId: string, labelsId: string, part: string) => {
    const names = { images: `${part} images`, labels: `${part} labels` };
    return pairImages(await read(imagesId, names.images), await read(labelsId, names.labels), names);
  };
  if ((request.testImages === undefined) !== (request.testLabels === undefined))
    throw invalid('Test images and test labels belong together: choose both files, or neither');
  const given = await readPair(request.trainImages, request.trainLabels, 'training');
  const cut = given.rows - Math.floor(given.rows / 7);
  const [train, test] =
    request.testImages && request.testLabels
      ? [given, await readPair(request.testImages, request.testLabels, 'test')]
      : [rowsBetween(given, 0, cut), rowsBetween(given, cut, given.rows)];
  if (test.rows === 0) throw invalid(`${given.rows} training images are too few to set a test part aside; choose test files too`);
  if (test.imageShape.join() !== train.imageShape.join())
    throw invalid(`Training images are ${train.imageShape.join(' × ')}, test images ${test.imageShape.join(' × ')} pixels; both must have one size`);
  const highest = train.y.reduce((max, label) => Math.max(max, label), 0);
  const strange = test.y.find((label) => label > highest);
  if (strange !== undefined)
    throw invalid(
      request.testLabels
        ? `The test labels contain ${strange}, but the training labels go only to ${highest}; choose files that belong together`
        : `The last seventh of the rows, set aside for test, contains the label ${strange}, which the other rows lack: they are sorted by label; shuffle them or choose test files`,
    );
  if (highest === 0) throw invalid('All training labels are 0; classification needs at least two classes');
  return { train, test, classes: Array.from({ length: highest + 1 }, (_, label) => String(label)) };
}

const previewRows = 60;

/** What an import would become: first training images, classes and statistics. @throws WorkbenchError `invalid-file`, `not-found` */
export async function previewImport(request: IdxImport, files: UploadedFiles): Promise<DatasetPreview> {
  const { train, classes } = await readImport(request, files);
  const size = train.imageShape[0] * train.imageShape[1];
  const all = Uint32Array.from({ length: train.rows }, (_, row) => row);
  return {
    rows: train.rows,
    imageShape: train.imageShape,
    pixels: train.x.slice(0, previewRows * size),
    labels: [...train.y.subarray(0, previewRows)],
    histogram: countClasses(train.y, all, classes),
    table: null,
    points: null,
    statistics: imageStatistics(train.x, all, size),
  };
}

/** Copies the files' content to `folder/id`. @throws WorkbenchError `invalid-file`, `not-found`, `cancelled`, `disk-full` */
export async function importIdx(id: string, request: IdxImport, files: UploadedFiles, { folder, signal }: LoadContext): Promise<ImportedImages> {
  const { train, test, classes } = await readImport(request, files, signal);
  const { hash, rows } = await writeImageFolder(join(folder, id), { train, test }, train.imageShape);
  return { kind: 'images', id, title: request.title, hash, normalisation: request.normalisation, rows, imageShape: train.imageShape, classes: [...classes] };
}
