/** @file Handlers of `runs.*` and `specs.*`. */
import { WorkbenchError } from '../contract/errors';
import type { Handlers } from '../contract/rpc';
import type { Run } from '../contract/run';
import type { RunSpec, SpecProblem } from '../contract/spec';
import type { Clerk } from '../jobs/clerk-protocol';
import type { DeviceList } from '../jobs/device-list';
import type { Inspector } from '../jobs/inspector';
import type { RunQueue } from '../jobs/run-queue';
import type { ReadableDb } from '../store/database';
import { listEvents } from '../store/events';
import { listImportedDatasets } from '../store/imported-datasets';
import { hasMoreMetrics, readMetrics } from '../store/metrics';
import { getRun, listRuns } from '../store/runs';
import { getSettings } from '../store/settings';
import type { RunFileHandlers } from './run-files';

type RunHandlers = Pick<Handlers, Exclude<Extract<keyof Handlers, `runs.${string}` | `specs.${string}`>, keyof RunFileHandlers>>;

interface Needs {
  readonly db: ReadableDb;
  readonly runs: RunQueue;
  readonly inspector: Inspector;
  readonly devices: DeviceList;
  readonly clerk: Clerk;
}

/** Rows of metrics that the main thread reads itself, in about 5 ms. */
const atOnce = 4000;

export function runHandlers({ db, runs, inspector, devices, clerk }: Needs): RunHandlers {
  async function requireDevice(asked: string): Promise<void> {
    const known = await devices.list();
    if (asked !== 'auto' && !known.some(({ id }) => id === asked))
      throw new WorkbenchError('invalid-spec', `There is no device '${asked}'; choose auto or one of ${known.map(({ id }) => id).join(', ')}`);
    devices.choose(asked);
  }
  async function check(spec: RunSpec): Promise<SpecProblem[]> {
    const origin = spec.from && listRuns(db, { trash: false }).find(({ id }) => id === spec.from);
    const problems = await inspector.ask({ type: 'check', spec, ...(origin && { origin: origin.spec }), imported: listImportedDatasets(db) });
    return [...problems, ...checkOrigin(spec, origin)];
  }
  return {
    'specs.check': check,
    'specs.describe': (spec) => inspector.ask({ type: 'describe', spec, imported: listImportedDatasets(db) }),
    async 'specs.stepTime'(spec) {
      const rates = devices.rates(spec.compute.device);
      return rates && inspector.ask({ type: 'stepTime', spec, rates, imported: listImportedDatasets(db) });
    },
    'runs.list': ({ trash }) => listRuns(db, { trash }),
    'runs.get': (run) => getRun(db, run),
    async 'runs.create'(asked) {
      const spec = withDefaultDevice(asked, getSettings(db).defaultDevice);
      devices.choose(spec.compute.device); // or say why not
      const problems = await check(spec);
      if (problems.length > 0)
        throw new WorkbenchError('invalid-spec', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), { details: { problems } });
      return runs.enqueue(spec, spec.name || `${spec.method.id} on ${spec.dataset.id}`);
    },
    'runs.pause': (run) => runs.pause(run),
    'runs.resume': (run) => runs.resume(run),
    'runs.stop': (run) => runs.stop(run),
    'runs.rename': ({ run, name }) => runs.rename(run, name),
    'runs.setPriorPrecision': ({ run, precision }) => runs.setPriorPrecision(run, precision),
    async 'runs.setDevice'({ run, device }) {
      await requireDevice(device);
      runs.setDevice(run, device);
    },
    'runs.delete': (run) => runs.moveToTrash(run),
    'runs.restore': (run) => runs.restore(run),
    'runs.purge': (run) => runs.purge(run),
    'runs.metrics': (asked) => {
      const { run, scope, ...range } = asked;
      return hasMoreMetrics(db, run, scope, atOnce) ? clerk.run({ type: 'readMetrics', ...asked }) : readMetrics(db, run, scope, range);
    },
    'runs.events': (run) => listEvents(db, run),
  };
}

/** Whether the run to start from is there and has trained weights; whether they fit is the inspector's to say. */
function checkOrigin({ from }: RunSpec, origin: Run | undefined): SpecProblem[] {
  if (!from) return [];
  if (!origin) return [{ path: 'from', message: `There is no run ${from} to start from; choose a finished MAP run.` }];
  if (origin.status === 'succeeded' && origin.hasCheckpoint) return [];
  return [{ path: 'from', message: `“${origin.name}” is ${origin.status}; a run can start from the weights of a finished one.` }];
}

/** 'auto' means the device of the settings; stored with the run, so that a later change does not move it. */
const withDefaultDevice = (spec: RunSpec, device: string): RunSpec =>
  spec.compute.device === 'auto' ? { ...spec, compute: { ...spec.compute, device } } : spec;
