/** @file What samplers cost beside each other: SG-HMC beside pSGLD, several chains beside one, and a trajectory of HMC beside its gradients. */
import { RunSpec } from '../src-main/contract/spec';
import { openDevice } from '../src-main/engine/backends';
import { float32 } from '../src-main/engine/numerics/host-tensor';
import { presets } from '../src-main/engine/nn/presets';
import { buildBayesianModel } from '../src-main/engine/training/bayesian-model';
import { stepOn, timeCase, trainingStep, type Settings } from './case';
import type { Figure } from './table';

const net = '1200-1200';
const chains = 5;
/** HMC is for small tables. */
const small = { rows: 277, inputs: 6, leapfrogSteps: 20 };

export async function benchSamplers(threads: number): Promise<Figure[]> {
  const device = await openDevice('auto', { threads });
  const large = async (method: string, settings: Settings) => timeCase(device, await trainingStep(device, method, settings, net));
  const [sgld, psgld, sghmc] = [await large('sgld', {}), await large('psgld', { adaptation: 'always' }), await large('sghmc', {})];
  const several = await large('sgld', { chains });
  const one = Math.min(sgld, await large('sgld', {})); // a shared machine may have disturbed the first

  const { rows, inputs, leapfrogSteps } = small;
  const wave = (shape: readonly number[], frequency: number) =>
    float32(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(frequency * i)),
    );
  const batch = { x: wave([rows, inputs], 12.9898), y: wave([rows, 1], 4.1414) };
  const onTable = async (id: string, settings: Settings) => {
    const { architecture } = presets.find((preset) => preset.id === '1x50')!;
    const spec = RunSpec.parse({ dataset: { id: 'table' }, architecture, likelihood: { id: 'gaussian' }, method: { id, settings } });
    const model = buildBayesianModel(spec, { task: { kind: 'regression', outputs: 1 }, inputShape: [inputs], rows });
    return timeCase(device, await stepOn(device, { spec, model }, batch));
  };
  const [trajectory, gradient] = [await onTable('hmc', { leapfrogSteps, stepSize: 1e-3 }), await onTable('sgld', { stepSize: 1e-6 })];
  await device.close();
  return [
    { name: `SGLD, a chain on ${net}`, value: one, unit: 'ms', target: 'a step' },
    { name: `SGLD, ${chains} chains`, value: several / one, unit: '× one chain', target: '≤ 4.5' },
    { name: `SG-HMC, scale-adapted, on ${net}`, value: sghmc / psgld, unit: '× pSGLD', target: '≤ 1.5' },
    { name: `HMC, ${leapfrogSteps} leapfrog steps of 1x50 on ${rows} rows`, value: trajectory, unit: 'ms', target: 'a trajectory' },
    { name: 'HMC, the same', value: trajectory / (leapfrogSteps + 1) / gradient, unit: '× SGLD step', target: 'for each of its gradients' },
  ];
}
