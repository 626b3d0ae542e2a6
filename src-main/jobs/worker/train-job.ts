/** @file Trains a run from its start or its last checkpoint. */
import { faultOf } from '../../contract/device-fault';
import { WorkbenchError } from '../../contract/errors';
import type { RunSpec } from '../../contract/spec';
import type { Device } from '../../engine/backends/device';
import { buildBayesianModel, type BayesianModel } from '../../engine/training/bayesian-model';
import { ChainWatch } from '../../engine/training/chain-watch';
import { Diagnostician } from '../../engine/training/diagnostician';
import { initialState } from '../../engine/training/initial-state';
import { epochMetrics } from '../../engine/training/learning-curve';
import { requireMemory, suggestLess } from '../../engine/training/memory';
import { planTraining } from '../../engine/training/plan';
import { train, type Checkpoint, type TrainingListener } from '../../engine/training/train';
import { startFrom } from '../../engine/training/trained-weights';
import { describeWeightDecay } from '../../engine/training/weight-decay';
import { weightMetrics } from '../../engine/training/weight-quantiles';
import { initialCredits, type TrainJob } from '../protocol';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import { readControl, reporter, type JobContext } from './context';
import { writeDraw } from './draws';
import { describeChange, describeEnvironment } from './environment';
import { MetricSender } from './metric-sender';
import { openModel } from './stored-model';
import { openWatchedDevice } from './watched-device';

/** @throws WorkbenchError `dataset-changed`, `diverged`, `disk-full`, `cancelled`, and what loading and compiling throw */
export async function runTraining(job: TrainJob, { setup, programs, post, onCredits, signal }: JobContext): Promise<'succeeded' | 'stopped'> {
  const { spec, run } = job;
  const { epochs } = spec.training;
  const say = reporter((_fraction, message) =>
    post({ type: 'progress', progress: { step: job.checkpoint?.step ?? 0, steps: 0, epoch: 0, epochs, speed: 0, eta: null, message } }),
  );
  say(0, 'opening the dataset');
  const { dataset, model } = await openModel({ ...job, parts: ['train', 'validation'], folder: setup.datasets, signal, report: say });
  const resumed = job.checkpoint && (await readCheckpoint(setup.artifacts, job.checkpoint));
  const device = await openWatchedDevice(spec.compute.device, { threads: job.threads, programs }, setup);
  try {
    await requireMemory(spec, model.data, device);
    const environment = describeEnvironment(device, job.card);
    const { steps } = planTraining(spec.training, dataset.train.rows, model);
    post({
      type: 'started',
      environment,
      datasetHash: dataset.hash,
      parameters: model.size,
      steps,
      notes: notes(job, environment, model),
    });

    const epochNames = epochMetrics(dataset.task.kind).map(({ id }) => id);
    const names = { step: model.method.metrics.map(({ id }) => id), epoch: epochNames, checkpoint: weightMetrics(model) };
    const metrics = new MetricSender(names, post, initialCredits);
    onCredits((count) => metrics.acknowledge(count));
    const watched = dataset.validation.rows > 0 ? dataset.validation : dataset.train;
    const chains = await ChainWatch.open(model, device, watched);
    const diagnosis = new Diagnostician(model, steps, { temperature: Number(spec.method.settings['temperature'] ?? 1), ...(chains && { chains }) });
    const noted = new Set<string>(); // several steps may have the same to say
    const listener: TrainingListener = {
      stepMetrics(step, values) {
        metrics.add('step', step, values);
        diagnosis.note(values);
      },
      epochMetrics: (step, values) =>
        metrics.add(
          'epoch',
          step,
          epochNames.map((name) => values[name] ?? NaN),
        ),
      weightMetrics: (step, values) => metrics.add('checkpoint', step, values),
      progress: (progress) => post({ type: 'progress', progress }),
      async draw(draw) {
        await diagnosis.noteDraw(draw);
        post({ type: 'draw', file: await writeDraw(setup.artifacts, run, draw, spec.training.keptPrecision), step: draw.step });
      },
      async checkpoint(checkpoint) {
        await metrics.flush(); // a resume goes on after the checkpoint: rows before it must not be lost
        post({ type: 'checkpoint', file: await writeCheckpoint(setup.artifacts, run, checkpoint), step: checkpoint.step });
        for (const { level, message } of diagnosis.of(checkpoint)) post({ type: 'event', event: { time: Date.now(), level, message, step: checkpoint.step } });
      },
      paused: () => post({ type: 'paused' }),
      resumed: () => post({ type: 'resumed' }),
      note(message) {
        if (!noted.has(message)) post({ type: 'event', event: { time: Date.now(), level: 'info', message, step: null } });
        noted.add(message);
      },
    };
    try {
      const data = { train: dataset.train, validation: dataset.validation, ySd: dataset.scaling.ySd };
      const from = resumed ?? (await adopted(job, model, device, setup.artifacts));
      return await train({ model, device, training: spec.training, data, from, control: () => readControl(setup), listener });
    } finally {
      await metrics.flush();
      await chains?.close();
    }
  } catch (error) {
    throw adviseLess(error, spec, model);
  } finally {
    await device.close();
  }
}

/** What would take less memory, where that was wanting. */
function adviseLess(error: unknown, spec: RunSpec, { data }: BayesianModel): unknown {
  if (!(error instanceof WorkbenchError) || faultOf(error) !== 'memory') return error;
  const less = suggestLess(spec, data, Number(error.details?.['share'] ?? 0.5));
  return new WorkbenchError(error.code, `${error.message}; duplicate the run with ${less}`, { details: error.details, cause: error });
}

/** The start from another run's weights, as a checkpoint of step 0; null for a start of its own. */
async function adopted({ origin, spec }: TrainJob, model: BayesianModel, device: Device, folder: string): Promise<Checkpoint | null> {
  if (!origin) return null;
  const trained = { model: buildBayesianModel(origin.spec, model.data), state: (await readCheckpoint(folder, origin.checkpoint)).state };
  return { step: 0, state: await startFrom(model, await initialState({ model, device, training: spec.training }), trained, device) };
}

/** What the run's log should say of this start. */
function notes(
  { checkpoint, origin, environment: before }: TrainJob,
  environment: ReturnType<typeof describeEnvironment>,
  { target }: BayesianModel,
): string[] {
  const { device, engine, threads } = environment;
  const place = `${device} (${engine}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  if (!checkpoint) {
    const start = origin ? [`The weights start from ${origin.run}, step ${origin.checkpoint.step}`] : [];
    return [`Started on ${place}`, ...start, describeWeightDecay(target) ?? []].flat();
  }
  const change = before && describeChange(before, environment);
  return [`Resumed from step ${checkpoint.step} on ${place}`, ...(change ? [change] : [])];
}
