/** @file Handlers of `crossValidations.*`. */
import type { CrossValidationSpec } from '../contract/cross-validation';
import { WorkbenchError } from '../contract/errors';
import type { Handlers } from '../contract/rpc';
import type { CrossValidationQueue } from '../jobs/cross-validation-queue';
import type { Inspector } from '../jobs/inspector';
import { getCrossValidation, listCrossValidations, listFits } from '../store/cross-validations';
import type { ReadableDb } from '../store/database';
import { listImportedDatasets } from '../store/imported-datasets';

type CrossValidationHandlers = Pick<Handlers, Extract<keyof Handlers, `crossValidations.${string}`>>;

interface Needs {
  readonly db: ReadableDb;
  readonly queue: CrossValidationQueue;
  readonly inspector: Inspector;
}

export function crossValidationHandlers({ db, queue, inspector }: Needs): CrossValidationHandlers {
  const check = (spec: CrossValidationSpec) => inspector.ask({ type: 'checkCrossValidation', spec, imported: listImportedDatasets(db) });
  return {
    'crossValidations.check': check,
    async 'crossValidations.start'(spec) {
      const { splits, problems } = await check(spec);
      if (problems.length > 0)
        throw new WorkbenchError('invalid-spec', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), { details: { problems } });
      return queue.enqueue({ ...spec, splits }, spec.name || `${spec.run.method.id} on ${spec.run.dataset.id}`);
    },
    'crossValidations.list': () => listCrossValidations(db).map(queue.withProgress),
    'crossValidations.get': (id) => queue.withProgress(getCrossValidation(db, id)),
    'crossValidations.fits': (id) => listFits(db, id),
    'crossValidations.pause': (id) => queue.pause(id),
    'crossValidations.resume': (id) => queue.resume(id),
    'crossValidations.stop': (id) => queue.stop(id),
    'crossValidations.delete': (id) => queue.delete(id),
  };
}
