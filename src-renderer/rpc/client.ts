/** @file The renderer's only way to main: typed calls and events, validated as they arrive. */
import { ErrorReport } from '../../src-main/contract/errors';
import { FileId } from '../../src-main/contract/ids';
import { events, procedures, type CallInput, type EventName, type EventPayload, type Output, type Procedure } from '../../src-main/contract/rpc';
import type { ExportedFile } from '../../src-main/contract/run-export';
import { socketTransport } from './socket-transport';
import { bridgeTransport, revive, type Connection, type Transport } from './transport';

let transport: Transport | undefined;

/** Chooses another transport than the environment's; for tests. */
export function useTransport(chosen: Transport): void {
  transport = chosen;
}

const current = (): Transport =>
  (transport ??= window.credence ? bridgeTransport(window.credence) : socketTransport(`${location.origin.replace(/^http/, 'ws')}/rpc`));

type Arguments<P extends Procedure> = undefined extends CallInput<P> ? [] : [input: CallInput<P>];

/** @throws WorkbenchError as main reported it; ZodError if main's answer is not what the contract says. */
export async function call<P extends Procedure>(procedure: P, ...[input]: Arguments<P>): Promise<Output<P>> {
  const output = await current().call(procedure, input);
  return procedures[procedure].output.parse(output) as Output<P>; // the table pairs schema and type
}

/** Listens to one event; returns the way to stop. */
export function on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
  return current().onEvent((name, payload) => {
    if (name === event) listener(events[event].parse(payload) as EventPayload<E>);
  });
}

/** Calls the listener at once and at each change; returns the way to stop. State is read anew at each 'open'. */
export const onConnection = (listener: (connection: Connection) => void): (() => void) => current().onConnection(listener);

/** Hands a file that main has written to the browser's downloads. */
export function download({ file, name }: Pick<ExportedFile, 'file' | 'name'>): void {
  const link = document.createElement('a');
  link.href = `/files/${file}?name=${encodeURIComponent(name)}`;
  link.download = name;
  link.click();
}

/** Sends a file's bytes to main. @throws WorkbenchError `invalid-file`, `disk-full` */
export async function upload(file: Blob): Promise<FileId> {
  const response = await fetch('/files', { method: 'POST', body: file });
  const reply = (await response.json()) as { file?: unknown; error?: unknown };
  if (reply.error !== undefined) throw revive(ErrorReport.parse(reply.error));
  return FileId.parse(reply.file);
}
