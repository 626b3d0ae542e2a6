/** @file A stored run as workers are told of it. */
import { WorkbenchError } from '../contract/errors';
import type { RunId } from '../contract/ids';
import { listCheckpoints, listDraws } from '../store/artifacts';
import type { ReadableDb } from '../store/database';
import { getRun } from '../store/runs';
import type { DeviceList } from './device-list';
import type { StoredRun } from './protocol';

interface Needs {
  readonly db: ReadableDb;
  readonly devices: Pick<DeviceList, 'substitute'>;
}

/** @throws WorkbenchError `not-found` if it does not exist or has no checkpoint yet */
export function describeRun({ db, devices }: Needs, id: RunId): StoredRun {
  const { name, spec, datasetHash, priorPrecision } = getRun(db, id);
  const checkpoint = listCheckpoints(db, id)[0];
  if (!checkpoint) throw new WorkbenchError('not-found', `'${name}' has no checkpoint yet; train it first`);
  const draws = listDraws(db, id)
    .reverse()
    .map(({ file, sha256, step }) => ({ file, sha256, step }));
  return {
    run: id,
    name,
    // Any device will do to predict with, such as where the run came from another computer.
    spec: { ...spec, compute: { ...spec.compute, device: devices.substitute(spec.compute.device) } },
    checkpoint: { file: checkpoint.file, sha256: checkpoint.sha256, step: checkpoint.step },
    draws,
    datasetHash,
    ...(priorPrecision !== null && { priorPrecision }),
  };
}
