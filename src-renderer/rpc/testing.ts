/** @file Stands for main in tests: answers by name and pushes events. */
import type { Procedure } from '../../src-main/contract/rpc';
import { useTransport } from './client';
import type { Connection } from './transport';

export type Answers = Partial<Record<Procedure, (input: never) => unknown>>;

/** Installs a fake main; a call without an answer rejects. */
export function fakeMain(answers: Answers) {
  const eventListeners = new Set<(event: string, payload: unknown) => void>();
  const connectionListeners = new Set<(connection: Connection) => void>();
  const calls: { readonly procedure: string; readonly input: unknown }[] = [];
  useTransport({
    async call(procedure, input) {
      calls.push({ procedure, input });
      const answer = answers[procedure as Procedure];
      if (!answer) throw new Error(`No answer to ${procedure}`);
      return answer(input as never);
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => void eventListeners.delete(listener);
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      listener('open');
      return () => void connectionListeners.delete(listener);
    },
  });
  return {
    calls,
    push: (event: string, payload: unknown) => eventListeners.forEach((listener) => listener(event, payload)),
    connect: (connection: Connection) => connectionListeners.forEach((listener) => listener(connection)),
    /** How many still listen. */
    listeners: () => eventListeners.size + connectionListeners.size,
  };
}

/** Lets everything that waits for an answer go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
