/** @file Which of the examined images are shown, in which order. */
import type { Decomposition, ExaminedImage } from '../../../src-main/contract/experiment';

export type Measure = keyof Decomposition;
export const measures: readonly Measure[] = ['total', 'aleatoric', 'epistemic'];

export interface Selection {
  readonly by: Measure;
  readonly errorsOnly: boolean;
  /** One cell of the confusion matrix. */
  readonly cell: { readonly label: number; readonly predicted: number } | null;
}

export const predictedClass = ({ probabilities }: ExaminedImage): number => probabilities.indexOf(Math.max(...probabilities));

/** The selected images, the most uncertain by the measure first. */
export const selectImages = (images: readonly ExaminedImage[], { by, errorsOnly, cell }: Selection): readonly ExaminedImage[] =>
  images
    .filter((image) => !errorsOnly || predictedClass(image) !== image.label)
    .filter((image) => !cell || (image.label === cell.label && predictedClass(image) === cell.predicted))
    .toSorted((a, b) => b.uncertainty[by] - a.uncertainty[by]);
