/** @file Handlers of `experiments.*`. */
import { z } from 'zod';
import type { Handlers } from '../contract/rpc';
import type { ExperimentQueue } from '../jobs/experiment-queue';
import type { ReadableDb } from '../store/database';
import { getExperiment, getResult, listExperiments } from '../store/experiments';

type ExperimentHandlers = Pick<Handlers, Extract<keyof Handlers, `experiments.${string}`>>;

export const experimentHandlers = ({ db, experiments }: { db: ReadableDb; experiments: ExperimentQueue }): ExperimentHandlers => ({
  'experiments.list': ({ run }) => listExperiments(db, run).map(experiments.withProgress),
  'experiments.start': (request) => experiments.enqueue(request),
  'experiments.cancel': (id) => experiments.cancel(id),
  'experiments.resume': (id) => experiments.resume(id),
  'experiments.get': (id) => experiments.withProgress(getExperiment(db, id)),
  'experiments.result': (id) => z.json().parse(getResult(db, id)),
  'experiments.delete': (id) => experiments.delete(id),
});
