/** @file Starts a worker, in a thread or in a process of its own, and checks what it says. */
import type { JobContext } from './context';
import { FromWorker } from './protocol';
import { startProcess } from './worker-process';
import { startThread, type WorkerHandle, type WorkerListener as RawListener } from './worker-thread';

export interface WorkerListener extends Pick<RawListener, 'onExit'> {
  onMessage(message: FromWorker): void;
}

type Needs = Pick<JobContext, 'workerPath' | 'processPath' | 'folder' | 'log'>;

/** @param isolated in a process of its own, which can crash or be killed without harm */
export function startWorker({ workerPath, processPath, folder, log }: Needs, listener: WorkerListener, { isolated = false } = {}): WorkerHandle {
  const place = { workerPath, artifacts: folder.artifacts, datasets: folder.datasets, programs: folder.programs };
  const checking: RawListener = {
    ...listener,
    onMessage(message) {
      const parsed = FromWorker.safeParse(message);
      if (parsed.success) listener.onMessage(parsed.data);
      else log.error('A worker sent a message that is not in the protocol', { issues: parsed.error.message });
    },
  };
  return isolated ? startProcess(processPath, place, checking) : startThread(place, checking);
}
