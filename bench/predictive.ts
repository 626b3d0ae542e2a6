/** @file The predictive of a Bayesian network: 100 draws of the weights for 1000 inputs. */
import { openDevice } from '../src-main/engine/backends';
import { initialState } from '../src-main/engine/training/initial-state';
import { StateDraws } from '../src-main/engine/training/draw-source';
import { DevicePosterior } from '../src-main/engine/training/predictive';
import { modelOf } from './case';
import { floorOf, type Floor } from './floor';
import { runPeer } from './peer';
import type { Options } from './rows';
import type { Row } from './table';
import { bestOf } from './timing';

const draws = 100;
const rows = 1000;
const inputs = 784;
const weights = inputs * 1200 + 1200 * 1200 + 1200 * 10;

export async function benchPredictive(floor: Floor, { threads, peers }: Options): Promise<Row> {
  const device = await openDevice('auto', { threads });
  const { spec, model } = modelOf('bbp', {}, '1200-1200');
  const state = device.upload(await initialState({ model, device, training: spec.training }));
  const posterior = new DevicePosterior(model, device, new StateDraws(model, device, state));
  const x = Float32Array.from({ length: rows * inputs }, (_, i) => Math.sin(i * 12.9898));
  const ms = await bestOf(() => posterior.classify(x, rows, { draws, seed: 1 }));
  await posterior.close();
  await device.close();
  // Of each draw: mean, rho, noise and weights; noise and weights are written before they are read.
  const work = { flops: draws * 2 * rows * weights, bytes: 4 * draws * 6 * weights, normals: draws * weights };
  return {
    name: 'Bayes by Backprop, predictive, 100 draws × 1000 inputs',
    ms,
    floorMs: floorOf(work, floor),
    peers: peers ? ['predictive', 'predictive-tuned'].flatMap((peer) => runPeer(peer, threads)) : [],
  };
}
