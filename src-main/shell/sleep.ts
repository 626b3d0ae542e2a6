/** @file The computer does not sleep while a run trains. */
import { powerSaveBlocker } from 'electron';
import type { EventName, EventPayload } from '../contract/rpc';
import type { RunId } from '../contract/ids';

/** Listens to events; blocks sleep, not the screen, while any run trains and the setting allows it. */
export function keepAwake(preventSleep: boolean): <E extends EventName>(event: E, payload: EventPayload<E>) => void {
  const running = new Set<RunId>();
  let allowed = preventSleep;
  let blocker: number | null = null;
  return (event, payload) => {
    if (event === 'run.changed') {
      const { id, status } = payload as EventPayload<'run.changed'>;
      if (status === 'running') running.add(id);
      else running.delete(id);
    } else if (event === 'run.removed') running.delete(payload as RunId);
    else if (event === 'settings.changed') allowed = (payload as EventPayload<'settings.changed'>).preventSleep;
    const wanted = allowed && running.size > 0;
    if (wanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!wanted && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
