/** @file The computer does not sleep while a run or a cross-validation trains. */
import { powerSaveBlocker } from 'electron';
import type { EventName, EventPayload } from '../contract/rpc';
import type { CrossValidationId, RunId } from '../contract/ids';

/** Listens to events; blocks sleep, not the screen, while anything trains and the setting allows it. */
export function keepAwake(preventSleep: boolean): <E extends EventName>(event: E, payload: EventPayload<E>) => void {
  const running = new Set<RunId | CrossValidationId>();
  let allowed = preventSleep;
  let blocker: number | null = null;
  return (event, payload) => {
    if (event === 'run.changed' || event === 'crossValidation.changed') {
      const { id, status } = payload as EventPayload<'run.changed' | 'crossValidation.changed'>;
      if (status === 'running') running.add(id);
      else running.delete(id);
    } else if (event === 'run.removed' || event === 'crossValidation.removed') running.delete(payload as RunId | CrossValidationId);
    else if (event === 'settings.changed') allowed = (payload as EventPayload<'settings.changed'>).preventSleep;
    const wanted = allowed && running.size > 0;
    if (wanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!wanted && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
