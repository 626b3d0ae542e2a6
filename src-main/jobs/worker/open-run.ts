/** @file From a stored run to what studies ask of it. */
import type { ImportedDataset } from '../../contract/dataset';
import type { Component } from '../../contract/spec';
import type { Device } from '../../engine/backends/device';
import { chainDraws } from '../../engine/training/chain-draws';
import { StateDraws } from '../../engine/training/draw-source';
import { KeptDraws } from '../../engine/training/kept-draws';
import { DevicePosterior } from '../../engine/training/predictive';
import { precisionPredictive } from '../../engine/training/quantisation';
import { priorPrecisionOf } from '../../engine/training/refit';
import { RememberedDraws } from '../../engine/training/remembered-draws';
import { weightExports, type WeightExports } from '../../engine/training/weight-exports';
import { weightPosterior } from '../../engine/training/weight-posterior';
import type { TrainedRun } from '../../experiments/experiment';
import type { StoredRun } from '../protocol';
import { readCheckpoint } from './checkpoint';
import type { JobContext } from './context';
import { storedDraw } from './draws';
import { openModel } from './stored-model';

interface Needs extends Pick<JobContext, 'setup' | 'signal'> {
  readonly imported: readonly ImportedDataset[];
  readonly device: Device;
  /** Keep its draws in memory: many small predictions are to come. */
  readonly remember?: boolean;
  /** Data to look at in place of its own. */
  readonly standIn?: Component | null;
}

export interface OpenRun extends TrainedRun {
  readonly exports: WeightExports;
}

/** Close its posterior before the device. @throws WorkbenchError `dataset-changed`, `checksum-mismatch`, and what loading throws */
export async function openRun(
  { run: id, name, spec, checkpoint, draws, datasetHash, priorPrecision: chosen }: StoredRun,
  { imported, device, setup, signal, remember = false, standIn = null }: Needs,
): Promise<OpenRun> {
  const { dataset, model } = await openModel({
    spec: standIn ? { ...spec, dataset: standIn } : spec,
    imported,
    datasetHash: standIn ? null : datasetHash,
    parts: ['train', 'validation', 'test'],
    folder: setup.datasets,
    signal,
    report: () => undefined,
  });
  // A run that keeps draws but has none yet is predicted from its state.
  if (draws.length === 0) {
    const { state: stored } = await readCheckpoint(setup.artifacts, checkpoint);
    const state = device.upload(stored);
    const priorPrecision = priorPrecisionOf(model, state, stored, chosen);
    const made = new StateDraws(model, device, state);
    const source = remember ? new RememberedDraws(made) : made;
    const posterior = new DevicePosterior(model, device, source);
    return {
      id,
      name,
      dataset,
      posterior,
      weights: weightPosterior(model, device, source, stored),
      precision: precisionPredictive(model, source, device.threads),
      exports: weightExports(model, source),
      ...(priorPrecision && { priorPrecision }),
    };
  }
  const kept = new KeptDraws(draws.map((draw) => storedDraw(setup.artifacts, draw)));
  const chains = chainDraws(model, device, kept.draws, Number(spec.method.settings['temperature'] ?? 1));
  return {
    id,
    name,
    dataset,
    posterior: new DevicePosterior(model, device, kept),
    weights: weightPosterior(model, device, kept, null),
    precision: precisionPredictive(model, kept, device.threads),
    exports: weightExports(model, kept),
    chains,
  };
}
