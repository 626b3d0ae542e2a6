/** @file A rotation study as tables. */
import type { Rotation } from '../contract/rotation';
import { formatTable } from './table';

/** Two tables a run: the one image, then the means over the test part. */
export const formatRotation = ({ runs }: Rotation): string =>
  runs
    .map(({ name, dataset, draws, classes, one, all }) =>
      [
        `${name}: ${dataset}, ${draws} draws`,
        formatTable([
          [`image ${one.row}, a ${classes[one.label]}`, 'predicted', 'probability'],
          ...one.angles.map((angle, i) => {
            const highest = Math.max(...one.probabilities[i]!);
            return [`${angle}°`, classes[one.probabilities[i]!.indexOf(highest)]!, highest.toFixed(3)];
          }),
        ]),
        formatTable([
          [`${all.rows} images, mean ± sd`, 'p(true class)', 'total', 'aleatoric', 'epistemic'],
          ...all.angles.map((angle, i) => [
            `${angle}°`,
            ...(['probability', 'total', 'aleatoric', 'epistemic'] as const).map((part) => `${all[part].mean[i]!.toFixed(3)} ± ${all[part].sd[i]!.toFixed(3)}`),
          ]),
        ]),
      ].join('\n'),
    )
    .join('\n\n');
