/** @file How well a step's time is foretold: the estimate that Build shows beside the time itself, for each preset. */
import { openDevice } from '../src-main/engine/backends';
import { quickTimer } from '../src-main/engine/backends/device-rates';
import { productRate } from '../src-main/engine/backends/product-rate';
import { presets } from '../src-main/engine/nn/presets';
import { calibrate, estimateStep } from '../src-main/engine/training/step-cost';
import { batchSize, modelOf, timeCase, trainingStep } from './case';
import type { Figure } from './table';

const methods = ['map', 'bbp'];
const settings = { draws: 1, firstEpochDraws: 1 };
/** Networks for colour images take seconds for a step. */
const tooLarge = /^(vgg\d+|resnet)/;

export async function benchEstimates(threads: number): Promise<Figure[]> {
  const device = await openDevice('auto', { threads });
  const rates = await calibrate(device, quickTimer, await productRate(device));
  const figures: Figure[] = [];
  const errors: number[] = [];
  for (const { id, title } of presets.filter(({ id }) => !tooLarge.test(id)))
    for (const method of methods) {
      const own = method === 'map' ? {} : settings;
      const { spec, model } = modelOf(method, own, id);
      const estimate = estimateStep({ ...spec, training: { ...spec.training, batchSize } }, model.data, rates);
      const ms = await timeCase(device, await trainingStep(device, method, own, id));
      errors.push(Math.abs(estimate / ms - 1));
      figures.push({ name: `${title}, ${method}: estimated`, value: estimate, unit: 'ms', target: `measured ${ms.toPrecision(3)} ms` });
    }
  await device.close();
  const median = errors.sort((a, b) => a - b)[errors.length >> 1]!;
  return [...figures, { name: 'median error of the estimates', value: 100 * median, unit: '%', target: '≤ 30 %' }];
}
