/** @file npm run bench -- --device onnxruntime-webgpu: epochs and predictive on a GPU beside PyTorch on the same one, what bounds them, and what they cost the host. */
import { cpus, release } from 'node:os';
import { openDevice } from '../src-main/engine/backends';
import type { Device } from '../src-main/engine/backends/device';
import { initialState } from '../src-main/engine/training/initial-state';
import { StateDraws } from '../src-main/engine/training/draw-source';
import { Minibatches, type Rows } from '../src-main/engine/training/minibatches';
import { planTraining } from '../src-main/engine/training/plan';
import { DevicePosterior } from '../src-main/engine/training/predictive';
import { StepQueue } from '../src-main/engine/training/step-queue';
import { modelOf, type Net } from './case';
import { hostCost } from './host-cost';
import { runPeer } from './peer';
import { settingsOf } from './rows';
import { printFigures } from './table';

/** Of MNIST's shape; their values are of no meaning. */
const dataRows = 60_000;
const inputs = 784;
const classes = 10;
/** Whole epochs would only repeat the same step: at most so many are timed, for at most so long. */
const most = { steps: 600, seconds: 20 };

export interface GpuOptions {
  readonly device: string;
  readonly threads: number;
  readonly only: readonly string[] | null;
  readonly peers: boolean;
  readonly net: Net;
}

const methods = ['map', 'bbp', 'local-reparametrisation', 'mc-dropout', 'psgld'];

export async function benchGpu({ device: id, threads, only, peers, net }: GpuOptions): Promise<void> {
  const device = await openDevice(id, { threads });
  const wants = (name: string) => only === null || only.includes(name);
  console.log(`${device.name}, ${device.engine}; ${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, ${process.platform} ${release()}`);
  console.log(`${new Date().toISOString().slice(0, 10)}, ${threads} host threads, hidden layers ${String(net)}, batches of 100`);

  if (wants('host')) {
    console.log('\nhost time of a step at widths 8-8, ms   host   floor   noise');
    for (const method of ['map', 'bbp']) {
      const { host, floor, noise } = await hostCost(device, method);
      console.log(`${method.padEnd(38)}${[host, floor, noise].map((ms) => ms.toFixed(2).padStart(8)).join('')}`);
    }
  }

  const data = synthetic();
  console.log(`\n${'epoch of 60,000 rows'.padEnd(26)}${'s'.padStart(8)}${'ms/step'.padStart(9)}${'host'.padStart(7)}   bound by, PyTorch on CUDA`);
  for (const method of methods.filter(wants)) {
    const { wall, host } = await timeTraining(device, method, net, data);
    const bound = host > 0.8 * wall ? 'the host' : 'the device';
    const beside = peers
      ? runPeer(method, threads, 'cuda').map(({ name, ms }) => `${name} ${((ms * 600) / 1000).toFixed(2)} s = ${(ms / wall).toFixed(2)}× ours`)
      : [];
    console.log(
      `${method.padEnd(26)}${((wall * 600) / 1000).toFixed(2).padStart(8)}${wall.toFixed(2).padStart(9)}${host.toFixed(2).padStart(7)}   ${[bound, ...beside].join(', ')}`,
    );
  }
  if (wants('predictive')) {
    const ms = await timePredictive(device, net);
    const beside = peers
      ? runPeer('predictive', threads, 'cuda').map(({ name, ms: own }) => `${name} ${own.toFixed(0)} ms = ${(own / ms).toFixed(2)}× ours`)
      : [];
    printFigures([{ name: 'Bayes by Backprop, predictive, 100 draws × 1000 inputs', value: ms, unit: 'ms', target: beside.join(', ') || 'no peer' }]);
  }
  await device.close();
}

const synthetic = (): Rows => ({
  rows: dataRows,
  x: Float32Array.from({ length: dataRows * inputs }, (_, i) => ((i * 7919) % 997) / 997),
  y: Int32Array.from({ length: dataRows }, (_, i) => i % classes),
});

/** Milliseconds of a step as a run takes it: rows on the device, metrics told, noise drawn; and of these the launching thread's own work. */
async function timeTraining(device: Device, method: string, net: Net, data: Rows): Promise<{ wall: number; host: number }> {
  const { spec, model } = modelOf(method, settingsOf(method), net);
  const plan = planTraining(spec.training, data.rows, model);
  const state = device.upload(await initialState({ model, device, training: spec.training }));
  const batches = new Minibatches(data, model.data.inputShape, plan.batchSize, 1);
  const nobody = () => undefined;
  const queue = new StepQueue({ model, device, state, batches, seed: 1, tell: nobody, note: nobody });
  const first = plan.stepsPerEpoch; // a first epoch may be another than the rest
  const take = (step: number) => queue.take(plan.time(step), model.algorithm.schedule(plan.time(step)), nobody);
  for (let i = 0; i < 3; i++) await take(first + i);
  await queue.settle();
  const [start, before] = [performance.now(), process.threadCpuUsage()];
  let count = 0;
  while (count < most.steps && performance.now() - start < 1000 * most.seconds) await take(first + 3 + count++);
  await queue.settle();
  const [end, { user, system }] = [performance.now(), process.threadCpuUsage(before)];
  await queue.close();
  state.dispose();
  return { wall: (end - start) / count, host: (user + system) / 1000 / count };
}

async function timePredictive(device: Device, net: Net): Promise<number> {
  const { spec, model } = modelOf('bbp', {}, net);
  const state = device.upload(await initialState({ model, device, training: spec.training }));
  const posterior = new DevicePosterior(model, device, new StateDraws(model, device, state));
  const x = Float32Array.from({ length: 1000 * inputs }, (_, i) => Math.sin(i * 12.9898));
  await posterior.classify(x, 1000, { draws: 1, seed: 1 });
  const start = performance.now();
  await posterior.classify(x, 1000, { draws: 100, seed: 1 });
  const ms = performance.now() - start;
  await posterior.close();
  state.dispose();
  return ms;
}
