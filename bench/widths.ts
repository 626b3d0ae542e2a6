/** @file Whether the cost of Bayes by Backprop grows as its work does: several widths, several numbers of draws. */
import { openDevice } from '../src-main/engine/backends';
import { trainingStep } from './case';
import type { Floor } from './floor';
import { timeRow } from './rows';
import type { Row } from './table';

const widths = [400, 800, 1200, 2400];
const draws = [1, 3, 10];

export async function benchWidths(floor: Floor, threads: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const width of widths)
    for (const count of draws) {
      // A device of its own: its memory holds nothing of the others.
      const device = await openDevice('auto', { threads });
      const settings = { optimiser: 'sgd', learningRate: 0.1, draws: count, firstEpochDraws: count };
      rows.push(await timeRow(device, `784-${width}-${width}-10, draws: ${count}`, () => trainingStep(device, 'bbp', settings, [width, width]), floor));
      await device.close();
    }
  return rows;
}
