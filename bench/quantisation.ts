/** @file One draw of a Bayesian network predicts 1,000 rows: in single precision, and in 8-bit integers. */
import { openDevice } from '../src-main/engine/backends';
import { initialState } from '../src-main/engine/training/initial-state';
import { StateDraws } from '../src-main/engine/training/draw-source';
import { precisionPredictive } from '../src-main/engine/training/quantisation';
import { modelOf } from './case';
import type { Figure } from './table';

const rows = 1000;
const inputs = 784;
/** Each a measurement; their median counts. */
const draws = 9;

export async function benchQuantisation(threads: number): Promise<Figure[]> {
  const device = await openDevice('onnxruntime-cpu', { threads });
  const figures: Figure[] = [];
  for (const [net, title] of [
    ['1200-1200', '784-1200-1200-10'],
    ['lenet', 'LeNet-5'],
  ] as const) {
    const { spec, model } = modelOf('bbp', {}, net);
    const source = new StateDraws(model, device, device.upload(await initialState({ model, device, training: spec.training })));
    const predictive = precisionPredictive(model, source, threads);
    const x = Float32Array.from({ length: rows * inputs }, (_, i) => Math.sin(i * 12.9898));
    const float = await predictive.classify(x, rows, { draws, seed: 1 });
    const integer = await predictive.classify(x, rows, { draws, seed: 1 }, { rows, x, range: { by: 'max-abs' }, threads });
    const size = (bytes: number) => `${(bytes / draws / 1e6).toFixed(2)} MB a draw`;
    figures.push(
      { name: `${title}, 1,000 rows, single precision`, value: float.cost.milliseconds / draws, unit: 'ms', target: size(float.cost.bytes) },
      { name: `${title}, 1,000 rows, 8-bit integers`, value: integer.cost.milliseconds / draws, unit: 'ms', target: size(integer.cost.bytes) },
    );
    await source.close();
  }
  await device.close();
  return figures;
}
