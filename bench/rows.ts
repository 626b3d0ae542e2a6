/** @file One training step of each registered method on the reference net, beside the floor of its work and the same step in PyTorch. */
import { openDevice } from '../src-main/engine/backends';
import type { Device } from '../src-main/engine/backends/device';
import { trace } from '../src-main/engine/compiler/trace';
import { workOf } from '../src-main/engine/compiler/work';
import { inferenceMethods } from '../src-main/engine/inference';
import { timeCase, trainingStep, type Case, type Net, type Settings } from './case';
import { convolutionFloor, floorOf, type Floor } from './floor';
import { runPeer } from './peer';
import type { Row } from './table';

const reference: Net = '1200-1200';
const sgd = { optimiser: 'sgd', learningRate: 0.1 };
const momentum = { optimiser: 'momentum', learningRate: 0.1, momentum: 0.5 };

interface Variant {
  readonly note: string;
  readonly settings: Settings;
  /** Formulations of the same step in bench/peer. */
  readonly peers: readonly string[];
}

/** Settings that a method is compared with; a method that is not named here runs with its own. */
const variants: { readonly [method: string]: Variant } = {
  map: { note: 'SGD', settings: sgd, peers: ['map'] },
  bbp: { note: '3 draws, SGD', settings: { ...sgd, draws: 3, firstEpochDraws: 3 }, peers: ['bbp', 'bbp-tuned'] },
  'local-reparametrisation': { note: '3 draws, SGD', settings: { ...sgd, draws: 3 }, peers: ['local-reparametrisation'] },
  flipout: { note: '3 draws, SGD', settings: { ...sgd, draws: 3 }, peers: [] },
  radial: { note: '3 draws, SGD', settings: { ...sgd, draws: 3 }, peers: [] },
  'mc-dropout': { note: 'momentum', settings: momentum, peers: ['mc-dropout'] },
  'concrete-dropout': { note: 'momentum, inputs too', settings: momentum, peers: [] },
  'deep-ensemble': { note: '5 members, SGD', settings: { ...sgd, members: 5 }, peers: [] },
  sgld: { note: '1 chain', settings: { chains: 1 }, peers: ['sgld'] },
  psgld: { note: '1 chain, adapting', settings: { chains: 1, adaptation: 'always' }, peers: ['psgld'] },
};

/** Methods whose step does the work of several side by side: a row more. */
const sideBySide: { readonly [method: string]: Variant } = { sgld: { note: '5 chains', settings: { chains: 5 }, peers: [] } };

const slow = { optimiser: 'sgd', learningRate: 0.01 };
const oneDraw = { draws: 1 };
/** Every variational method, those of weights with one draw, where it can take these layers. */
const variational = {
  bbp: { ...oneDraw, firstEpochDraws: 1 },
  'local-reparametrisation': { ...oneDraw, factorised: true },
  flipout: oneDraw,
  radial: oneDraw,
  'calibrated-bbp': oneDraw,
  'importance-weighted': { draws: 2 },
  'variational-dropout': oneDraw,
  'mc-dropout': {},
  'concrete-dropout': {},
};
/** Networks that are not made of large products, by preset. */
const otherNets = {
  lenet: {
    title: 'LeNet-5',
    methods: { map: {}, ...variational },
  },
  lstm: {
    title: 'LSTM of 32 units, 28 steps',
    methods: { map: {}, ...variational, 'sharpened-bbp': oneDraw },
  },
} satisfies { readonly [net: string]: { readonly title: string; readonly methods: { readonly [method in keyof typeof inferenceMethods]?: Settings } } };

/** The settings under which the bench runs a method. */
export const settingsOf = (method: string): Settings => variants[method]?.settings ?? {};

export interface Options {
  readonly threads: number;
  /** Ids of methods, peers or other rows; all where null. */
  readonly only: readonly string[] | null;
  readonly peers: boolean;
}

/** Milliseconds per step, metrics and noise included; the state lives on the device as in a run. */
export async function benchTrainingSteps(floor: Floor, { threads, only, peers }: Options): Promise<Row[]> {
  const device = await openDevice('auto', { threads });
  const rows: Row[] = [];
  const row = async (name: string, make: () => Promise<Case>, beside: readonly string[]) =>
    rows.push({ ...(await timeRow(device, name, make, floor)), peers: peers ? beside.flatMap((peer) => runPeer(peer, threads)) : [] });
  const wanted = (...names: readonly string[]) => !only || names.some((name) => only.includes(name));
  for (const [id, { title, batches }] of Object.entries<(typeof inferenceMethods)[keyof typeof inferenceMethods] & { batches?: 'all' }>(inferenceMethods)) {
    // A step over the whole data set is no training step to compare.
    if (batches === 'all' || !wanted(id)) continue;
    const own = variants[id] ?? { note: 'its own settings', settings: {}, peers: [] };
    for (const { note, settings, peers: beside } of [own, ...(sideBySide[id] ? [sideBySide[id]] : [])])
      await row(`${title}, ${note}`, () => trainingStep(device, id, settings, reference), beside);
  }
  for (const [net, { title, methods }] of Object.entries(otherNets))
    if (wanted(net))
      for (const [id, settings] of Object.entries(methods))
        await row(`${inferenceMethods[id as keyof typeof methods].title}, SGD, ${title}`, () => trainingStep(device, id, { ...slow, ...settings }, net), [
          ...(net === 'lenet' && id === 'map' ? ['lenet'] : []),
        ]);
  await device.close();
  return rows;
}

/** Time and floor of one step. */
export async function timeRow(device: Device, name: string, make: () => Promise<Case>, floor: Floor): Promise<Row> {
  const step = await make();
  const work = workOf(trace(step.step, step.shapes), step.shapes);
  const floorMs = floorOf(work, floor) + (await convolutionFloor(device, work.convolutions));
  return { name, ms: await timeCase(device, step), floorMs, peers: [] };
}
