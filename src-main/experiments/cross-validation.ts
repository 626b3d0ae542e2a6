/**
 * @file Cross-validation of one run document over the splits of a table. The settings of the grid are compared on rows held out of each
 * training part; the best are trained again on the whole of it. Neither the choice nor the standardisation ever sees a test row.
 */
import { WorkbenchError } from '../contract/errors';
import { candidatesOf, type CrossValidationSpec, type Fit, type GridAxis, type Scores } from '../contract/cross-validation';
import { RunSpec } from '../contract/spec';
import type { PreparedDataset } from '../datasets/dataset';
import { buildBayesianModel } from '../engine/training/bayesian-model';
import { StateDraws } from '../engine/training/draw-source';
import { KeptDraws, type StoredDraw } from '../engine/training/kept-draws';
import { DevicePosterior } from '../engine/training/predictive';
import { train, type Checkpoint, type TrainingOptions } from '../engine/training/train';
import type { HostTensors } from '../engine/numerics/host-tensor';
import { scorePart, trainingSample } from './cross-validation-scores';

export interface CrossValidationContext {
  readonly device: TrainingOptions['device'];
  readonly signal: AbortSignal;
  control: TrainingOptions['control'];
  /** Splits and standardises the dataset of a run document. */
  load(spec: RunSpec): Promise<PreparedDataset>;
  /** fraction in [0, 1] of all fits asked for */
  report(fraction: number, message: string): void;
  /** A fit is done: what is told here need not be done again. */
  keep(fit: Fit): void;
}

/** Draws by which candidates are compared. */
const comparisonDraws = 50;

type Document = Record<string, unknown>;

/** A copy of the document with the value at its path. */
function withValue(document: Document, [key, ...rest]: readonly string[], value: number): Document {
  if (key === undefined) return document;
  const copy = (Array.isArray(document) ? [...(document as unknown[])] : { ...document }) as Document;
  copy[key] = rest.length === 0 ? value : withValue((document[key] ?? {}) as Document, rest, value);
  return copy;
}

/**
 * The run document of one fit. `ySd` turns values in target units into standardised ones.
 *
 * @throws ZodError for a value that does not fit its place
 */
export function runOf({ run, grid }: Pick<CrossValidationSpec, 'run' | 'grid'>, split: number, values: readonly number[], held: number, ySd: number): RunSpec {
  const { training, dataset } = run;
  const base: RunSpec = {
    ...run,
    dataset: { ...dataset, settings: { ...dataset.settings, fold: split } },
    training: {
      ...training,
      seed: training.seed + split - 1,
      validationFraction: held,
      validateEvery: training.epochs,
      validationDraws: 1,
      checkpointEvery: 3600,
    },
  };
  const place = (document: Document, { paths, targetUnits }: GridAxis, i: number) =>
    paths.reduce((placed, path) => withValue(placed, path.split('.'), targetUnits ? values[i]! / ySd : values[i]!), document);
  const chosen = RunSpec.parse(grid.reduce(place, base as Document));
  return { ...chosen, training: { ...chosen.training, validateEvery: chosen.training.epochs } };
}

/** The best candidate of a split; the first of equals. Null if none has a score. */
export function chooseCandidate(fits: readonly Fit[], split: number, criterion: CrossValidationSpec['criterion']): number | null {
  const worth = (scores: Scores): number => {
    const value = criterion === 'log-likelihood' ? scores['logLikelihood'] : (scores['rmse'] ?? scores['error']);
    return value === null || value === undefined ? -Infinity : criterion === 'error' ? -value : value;
  };
  let best: { candidate: number; worth: number } | null = null;
  for (const fit of fits.filter((fit) => fit.split === split).toSorted((a, b) => a.candidate - b.candidate)) {
    if (fit.type !== 'candidate') continue;
    if (worth(fit.validation) > (best?.worth ?? -Infinity)) best = { candidate: fit.candidate, worth: worth(fit.validation) };
  }
  return best?.candidate ?? null;
}

/** Does what is missing of the splits. @throws WorkbenchError as loading and compiling do; a fit that diverges only has no scores */
export async function crossValidate(
  spec: CrossValidationSpec,
  splits: readonly number[],
  done: readonly Fit[],
  context: CrossValidationContext,
): Promise<'succeeded' | 'stopped'> {
  const fits = [...done];
  const candidates = candidatesOf(spec);
  const compared = candidates.length > 1 ? candidates.length : 0;
  const planned = splits.length * (compared + 1);
  const finished = () => fits.filter(({ split }) => splits.includes(split)).length;

  for (const split of splits) {
    const keep = (fit: Fit) => {
      fits.push(fit);
      context.keep(fit);
      context.report(finished() / planned, `split ${split}`);
    };
    const attempt = async (candidate: number, held: number, draws: number, score: (dataset: PreparedDataset) => readonly PreparedDataset['train'][]) => {
      const before = finished();
      const report = (fraction: number) =>
        context.report((before + fraction) / planned, `split ${split}: ${held > 0 ? `setting ${candidate + 1} of ${compared}` : 'whole training part'}`);
      return fitAndScore(spec, split, candidates[candidate]!, held, draws, score, { ...context, report });
    };
    const has = (type: Fit['type'], candidate?: number) =>
      fits.some((fit) => fit.type === type && fit.split === split && (candidate === undefined || fit.candidate === candidate));

    for (let candidate = 0; candidate < compared; candidate++) {
      if (has('candidate', candidate)) continue;
      const result = await attempt(candidate, spec.validationFraction, Math.min(comparisonDraws, spec.draws), ({ validation }) => [validation]);
      if (!result) return 'stopped';
      keep({ type: 'candidate', split, candidate, validation: result.scores[0]!, seconds: result.seconds });
    }
    if (has('refit')) continue;
    const chosen = compared === 0 ? 0 : chooseCandidate(fits, split, spec.criterion);
    if (chosen === null)
      throw new WorkbenchError(
        'diverged',
        `On split ${split} every setting of the grid diverged; try smaller learning rates, or a likelihood with a larger noise level`,
      );
    const result = await attempt(chosen, 0, spec.draws, ({ train, test }) => [trainingSample(train), test]);
    if (!result) return 'stopped';
    keep({ type: 'refit', split, candidate: chosen, train: result.scores[0]!, test: result.scores[1]!, seconds: result.seconds });
  }
  return 'succeeded';
}

/** Trains once in memory; null when told to stop. */
async function fitAndScore(
  cross: CrossValidationSpec,
  split: number,
  values: readonly number[],
  held: number,
  draws: number,
  partsOf: (dataset: PreparedDataset) => readonly PreparedDataset['train'][],
  { device, signal, control, load, report }: Omit<CrossValidationContext, 'report'> & { report(fraction: number): void },
): Promise<{ scores: readonly Scores[]; seconds: number } | null> {
  const start = performance.now();
  const dataset = await load(runOf(cross, split, values, held, 1)); // its split depends on no value in target units
  const parts = partsOf(dataset);
  const spec = runOf(cross, split, values, held, dataset.scaling.ySd);
  const model = buildBayesianModel(spec, { task: dataset.task, inputShape: dataset.inputShape, rows: dataset.train.rows });
  const kept: StoredDraw[] = [];
  let last: Checkpoint | undefined;
  try {
    const outcome = await train({
      model,
      device,
      training: spec.training,
      data: { train: dataset.train, validation: { rows: 0, x: new Float32Array(0), y: new Float32Array(0) }, ySd: dataset.scaling.ySd },
      from: null,
      control,
      listener: {
        stepMetrics: () => undefined,
        epochMetrics: () => undefined,
        progress: ({ step, steps }) => report(step / steps),
        draw({ step, member, weights }) {
          const copy = copyOf(weights);
          kept.push({ step, member, load: () => Promise.resolve(copy) });
          return Promise.resolve();
        },
        checkpoint(checkpoint) {
          last = checkpoint;
          return Promise.resolve();
        },
        paused: () => undefined,
        resumed: () => undefined,
      },
    });
    if (outcome === 'stopped' || !last) return null;
  } catch (error) {
    if (!(error instanceof WorkbenchError && error.code === 'diverged')) throw error;
    return { scores: parts.map(() => ({})), seconds: (performance.now() - start) / 1000 };
  }
  const state = device.upload(last.state);
  const posterior = new DevicePosterior(model, device, kept.length > 0 ? new KeptDraws(kept) : new StateDraws(model, device, state));
  try {
    const scores: Scores[] = [];
    for (const part of parts) scores.push(await scorePart(dataset, part, posterior, { draws, seed: spec.training.seed, signal }));
    return { scores, seconds: (performance.now() - start) / 1000 };
  } finally {
    await posterior.close();
    state.dispose();
  }
}

const copyOf = (tensors: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as typeof tensor]));
