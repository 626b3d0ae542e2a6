/** @file How calls and events travel: Electron's preload bridge, or a WebSocket in a browser. */
import { ErrorReport, WorkbenchError } from '../../src-main/contract/errors';

/** lost = was open and is being opened again. */
export type Connection = 'connecting' | 'open' | 'lost';

export interface Transport {
  /** @throws WorkbenchError as main reported it, or `cancelled` if the connection went away meanwhile. */
  call(procedure: string, input: unknown): Promise<unknown>;
  onEvent(listener: (event: string, payload: unknown) => void): () => void;
  /** Calls the listener at once and at each change. */
  onConnection(listener: (connection: Connection) => void): () => void;
}

/** The error of a reply, as it was thrown in main. */
export function revive(error: unknown): WorkbenchError {
  const { code, message, details } = ErrorReport.parse(error);
  return new WorkbenchError(code, message, { details });
}

/** Calls through `window.credence`; a preload bridge is never lost. */
export const bridgeTransport = (bridge: NonNullable<Window['credence']>): Transport => ({
  async call(procedure, input) {
    const reply = (await bridge.call(procedure, input)) as { output?: unknown; error?: unknown };
    if (reply.error !== undefined) throw revive(reply.error);
    return reply.output;
  },
  onEvent: (listener) => bridge.on(listener),
  onConnection(listener) {
    listener('open');
    return () => {};
  },
});
