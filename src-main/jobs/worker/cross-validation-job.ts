/** @file Fits some splits of a cross-validation, on one CPU thread: small networks gain nothing from more. */
import type { RunSpec } from '../../contract/spec';
import { loadDataset } from '../../datasets/load';
import { crossValidate } from '../../experiments/cross-validation';
import type { CrossValidationJob } from '../protocol';
import { readControl, reporter, type JobContext } from './context';
import { openWatchedDevice } from './watched-device';

/** @throws WorkbenchError as loading, compiling and `crossValidate` do */
export async function runCrossValidation({ spec, splits, done, imported }: CrossValidationJob, context: JobContext): Promise<'succeeded' | 'stopped'> {
  const { setup, programs, post, signal } = context;
  const report = reporter((fraction, message) => post({ type: 'report', fraction, message }));
  const device = await openWatchedDevice(spec.run.compute.device, { threads: 1, programs }, setup);
  const load = ({ dataset, training: { validationFraction, seed } }: RunSpec) =>
    loadDataset(dataset, { folder: setup.datasets, imported, validationFraction, seed, signal, report: (_fraction, message) => report(0, message) });
  try {
    return await crossValidate(spec, splits, done, {
      ...{ device, signal, load, report },
      control: () => readControl(setup),
      keep: (fit) => post({ type: 'fit', fit }),
    });
  } finally {
    await device.close();
  }
}
