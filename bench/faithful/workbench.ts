/** @file The app itself, without a face, as the rows use it: trainings that survive a kill, and experiments over them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { openApp, type App, type AppOptions } from '../../src-main/app';
import { crossValidationLine, formatDuration, progressLine } from '../../src-main/cli/progress';
import { CrossValidation, CrossValidationSpec, Fit, type CrossValidationSpecInput } from '../../src-main/contract/cross-validation';
import { Experiment } from '../../src-main/contract/experiment';
import type { CallInput } from '../../src-main/contract/rpc';
import { Run } from '../../src-main/contract/run';
import { RunSpec, type RunSpecInput } from '../../src-main/contract/spec';

export interface Workbench {
  /** Trains to the end, going on from the last checkpoint of an earlier attempt of this very spec; a finished one is found again. */
  train(name: string, spec: RunSpecInput): Promise<Run>;
  /** Runs an experiment over finished runs; the result checked by its schema. */
  experiment<Result>(kind: string, runs: readonly Run[], settings: CallInput<'experiments.start'>['settings'], result: z.ZodType<Result>): Promise<Result>;
  /** Cross-validates to the end, going on after the fits of an earlier attempt of this very spec; a finished one is found again. */
  crossValidate(name: string, spec: CrossValidationSpecInput): Promise<Fit[]>;
  /** A line that stays on the terminal. */
  say(line: string): void;
  readonly call: App['call'];
}

const out = resolve('out/main');
const pause = () => new Promise((wake) => setTimeout(wake, 500));
const hasEnded = ({ status }: Pick<Run, 'status'>): boolean => !['queued', 'running', 'paused'].includes(status);

/** Opens the app over a folder of its own, so that a killed session goes on where it was. */
export async function openWorkbench(dataDir: string, given: Pick<AppOptions, 'models'> = {}): Promise<Workbench & { close(): Promise<void> }> {
  if (!existsSync(join(out, 'worker.js'))) throw new Error('The app is not built: npm run build comes first.');
  const app = await openApp({ dataDir, workerPath: join(out, 'worker.js'), version: 'faithful', mode: 'browser', emit: () => undefined, ...given });
  const show = (line: string) => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 100) - 1)}`));
  const say = (line: string) => {
    show('');
    console.log(line);
  };
  const get = async (id: string) => Run.parse(await app.call('runs.get', id));

  /** The newest run of this name and spec. */
  async function find(name: string, spec: RunSpec): Promise<Run | undefined> {
    const runs = (await app.call('runs.list', { trash: false })) as unknown[];
    return runs
      .map((run) => Run.parse(run))
      .filter((run) => run.name === name && JSON.stringify(RunSpec.parse(run.spec)) === JSON.stringify(spec))
      .sort((a, b) => b.createdAt - a.createdAt)[0];
  }

  return {
    say,
    async train(name, input) {
      const spec = RunSpec.parse({ ...input, name });
      const known = await find(name, spec);
      if (known && hasEnded(known) && known.status !== 'succeeded') await app.call('runs.resume', known.id);
      let run = known ? await get(known.id) : Run.parse(await app.call('runs.create', spec));
      let epoch = -1;
      while (!hasEnded(run)) {
        await pause();
        run = await get(run.id);
        show(progressLine(run));
        const tenth = Math.floor((10 * (run.progress?.step ?? 0)) / Math.max(1, run.progress?.steps ?? 1));
        if (!process.stderr.isTTY && tenth > epoch) console.log(`  ${progressLine(run)}`);
        epoch = Math.max(epoch, tenth);
      }
      if (run.status !== 'succeeded') throw new Error(`${name} ended ${run.status}${run.error ? `: ${run.error.message}` : ''}`);
      say(`  trained ${run.id}${run.startedAt && run.endedAt ? ` in ${formatDuration((run.endedAt - run.startedAt) / 1000)}` : ''}`);
      return run;
    },
    async experiment(kind, runs, settings, result) {
      let experiment = Experiment.parse(await app.call('experiments.start', { kind, runs: runs.map(({ id }) => id), settings }));
      while (experiment.endedAt === null) {
        await pause();
        experiment = Experiment.parse(await app.call('experiments.get', experiment.id));
        show(`${kind}: ${Math.floor(100 * (experiment.progress?.fraction ?? 0))} %`);
      }
      if (experiment.status !== 'succeeded') throw new Error(`${kind} ended ${experiment.status}${experiment.error ? `: ${experiment.error.message}` : ''}`);
      show('');
      return result.parse(await app.call('experiments.result', experiment.id));
    },
    async crossValidate(name, input) {
      const spec = CrossValidationSpec.parse({ ...input, name });
      const known = CrossValidation.array()
        .parse(await app.call('crossValidations.list', null))
        .find((group) => group.name === name && JSON.stringify(group.spec) === JSON.stringify(spec));
      if (known && hasEnded(known) && known.status !== 'succeeded') await app.call('crossValidations.resume', known.id);
      const { id } = known ?? CrossValidation.parse(await app.call('crossValidations.start', spec));
      for (let tenth = -1; ;) {
        const group = CrossValidation.parse(await app.call('crossValidations.get', id));
        show(crossValidationLine(group));
        const now = Math.floor((10 * group.fits.done) / group.fits.planned);
        if (!process.stderr.isTTY && now > tenth) console.log(`  ${crossValidationLine(group)}`);
        tenth = Math.max(tenth, now);
        if (group.status === 'succeeded') return Fit.array().parse(await app.call('crossValidations.fits', id));
        if (hasEnded(group)) throw new Error(`${name} ended ${group.status}${group.error ? `: ${group.error.message}` : ''}`);
        await pause();
      }
    },
    call: app.call,
    close: app.close,
  };
}
