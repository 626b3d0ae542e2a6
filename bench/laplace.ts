/** @file A pass of each Laplace approximation over the data, against an epoch of MAP on the same batches, and what its decomposition takes once. */
import { openDevice } from '../src-main/engine/backends';
import type { HostTensors } from '../src-main/engine/numerics/host-tensor';
import { atOnce } from '../src-main/engine/numerics/interruptible';
import { StateDraws } from '../src-main/engine/training/draw-source';
import { modelOf, timeCase, trainingStep, type Settings } from './case';
import type { Figure } from './table';

const net = '1200-1200';
const optimiser = { optimiser: 'sgd', learningRate: 0.1 };

const passes: readonly { readonly title: string; readonly settings: Settings; readonly target: string }[] = [
  { title: 'sampled KFAC', settings: { fisher: 'sampled' }, target: '≤ 3' },
  { title: 'KFRA', settings: { structure: 'kfra' }, target: '≤ 3' },
  { title: 'exact KFAC', settings: { fisher: 'exact' }, target: '≤ 12' },
  { title: 'sampled diagonal', settings: { structure: 'diagonal', fisher: 'sampled' }, target: 'no target' },
];

export async function benchLaplace(threads: number): Promise<Figure[]> {
  const device = await openDevice('auto', { threads });
  const figures: Figure[] = [];
  const map = await timeCase(device, await trainingStep(device, 'map', optimiser, net));
  for (const { title, settings, target } of passes) {
    const { model } = modelOf('laplace', { ...optimiser, ...settings }, net);
    const { algorithm } = model;
    const training = await trainingStep(device, 'laplace', { ...optimiser, ...settings }, net);
    const sweep = { ...training, step: algorithm.steps['sweep']!, shapes: { ...training.shapes, hyper: [] }, hyper: {} };
    const ms = await timeCase(device, sweep);
    figures.push({ name: `Laplace, ${title}: a pass over the rows`, value: ms / map, unit: '× MAP epoch', target });
    if (title !== 'KFRA') continue;
    const swept = await runOnce(sweep);
    const start = performance.now();
    const finished = atOnce(algorithm.finish!(swept, { progress: () => undefined, note: () => undefined }));
    figures.push({ name: `Laplace, ${title}: recursion and decomposition`, value: (performance.now() - start) / 1000, unit: 's', target: 'once' });
    const draws = new StateDraws(model, device, device.upload(finished));
    await draws.draw(0, { seed: 1, step: 0 });
    const before = performance.now();
    for (let s = 1; s <= 10; s++) await draws.draw(s, { seed: 1, step: s });
    figures.push({ name: `Laplace, ${title}: a draw`, value: (performance.now() - before) / 10, unit: 'ms', target: '–' });
    await draws.close();
  }
  await device.close();
  return figures;

  async function runOnce({ step, shapes, state, batch, hyper }: Awaited<ReturnType<typeof trainingStep>>): Promise<HostTensors> {
    const uploaded = device.upload(state);
    const program = await device.compile(step, shapes);
    for (let i = 0; i < 20; i++) await program.run({ state: uploaded, batch, hyper, noise: { seed: 1, step: i } });
    const after = await uploaded.download();
    await program.dispose();
    uploaded.dispose();
    return after;
  }
}
