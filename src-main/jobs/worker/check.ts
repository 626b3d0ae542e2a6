/** @file Whether a run's document can be trained: every fault at its path. */
import type { NetworkDescription } from '../../contract/architecture';
import type { ImportedDataset } from '../../contract/dataset';
import type { DeviceRates } from '../../contract/device-rates';
import type { RunSpec, SpecProblem } from '../../contract/spec';
import { datasets } from '../../datasets';
import { kindOf } from '../../datasets/open';
import { backends } from '../../engine/backends';
import { checkModel, type DataShape } from '../../engine/training/bayesian-model';
import { describeNetwork } from '../../engine/training/describe-network';
import { estimateStep } from '../../engine/training/step-cost';
import { checkOrigin } from '../../engine/training/trained-weights';

export interface CheckContext {
  readonly imported: readonly ImportedDataset[];
  /** The datasets' folder. */
  readonly folder: string;
}

/** Faults of the dataset first: without its shape the model cannot be judged. `origin` is the document of the run that this one starts from. */
export async function checkSpec(spec: RunSpec, { origin, ...context }: CheckContext & { readonly origin?: RunSpec | undefined }): Promise<SpecProblem[]> {
  const { shape, problems } = await describeData(spec, context);
  const faults = shape ? checkModel(spec, shape) : [];
  const unfit = shape && origin && faults.length === 0 ? checkOrigin(spec, origin, shape) : [];
  return [...problems, ...faults, ...unfit, ...checkDevice(spec)];
}

/** The network on its data as far as its layers fit; null while the dataset is not known. */
export async function describeSpec(spec: RunSpec, context: CheckContext): Promise<NetworkDescription | null> {
  const { shape } = await describeData(spec, context);
  return shape ? { input: [...shape.inputShape], layers: describeNetwork(spec, shape) } : null;
}

/** Milliseconds of a training step at these rates; null where the document is no model, or its rows, which make one step, are not counted yet. */
export async function stepTimeOf(spec: RunSpec, rates: DeviceRates, context: CheckContext): Promise<number | null> {
  const { shape, problems } = await describeData(spec, context);
  if (!shape || problems.length > 0 || checkModel(spec, shape).length > 0) return null;
  const rows = Math.max(shape.rows, spec.training.batchSize);
  return rows > 1 ? estimateStep(spec, { ...shape, rows }, rates) : null;
}

function checkDevice({ compute: { device } }: RunSpec): SpecProblem[] {
  if (device === 'auto' || device in backends) return [];
  return [{ path: 'compute.device', message: `There is no device '${device}'; choose auto or one of ${Object.keys(backends).join(', ')}.` }];
}

async function describeData(
  { dataset: { id, settings } }: RunSpec,
  { imported, folder }: CheckContext,
): Promise<{ shape?: DataShape; problems: readonly SpecProblem[] }> {
  const row = imported.find((dataset) => dataset.id === id);
  if (row?.kind === 'images')
    return { shape: { task: { kind: 'classification', outputs: row.classes.length }, inputShape: [...row.imageShape, 1], rows: row.rows.train }, problems: [] };
  const kind = kindOf(id, imported);
  if (!kind) {
    const known = [...Object.keys(datasets), ...imported.map((dataset) => dataset.id)];
    return { problems: [{ path: 'dataset', message: `There is no dataset '${id}'; choose one of ${known.join(', ')}.` }] };
  }
  const parsed = kind.settings.safeParse(settings);
  const faults = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => ({ path: ['dataset', 'settings', ...path].join('.'), message }));
  const stored = await kind.stored(folder);
  if (stored?.rows.train === 0)
    faults.push({ path: 'dataset', message: `${kind.title} has no training rows here: it serves as out-of-distribution data. Choose another dataset.` });
  const outputs = kind.task === 'classification' ? kind.classes.length : 1;
  // Rows of what is not here yet are not known; only their being positive matters for a check.
  return { shape: { task: { kind: kind.task, outputs }, inputShape: kind.inputShape, rows: stored?.rows.train || 1 }, problems: faults };
}
