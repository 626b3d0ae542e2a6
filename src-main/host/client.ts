/** @file The other end of connection.ts, for programs: the command line talks to the process that owns the data folder. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { WorkbenchError } from '../contract/errors';
import { decodeFrame, encodeFrame } from '../contract/frames';
import { events, procedures, type CallInput, type EventName, type EventPayload, type Output, type Procedure } from '../contract/rpc';
import { connectionLost, RpcReply } from './connection';

/** How a program uses Credence, whether it runs in this process or another. */
export interface Client {
  call<P extends Procedure>(procedure: P, input: CallInput<P>): Promise<Output<P>>;
  /** Returns the way to stop listening. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Resolves when the other side is gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** @throws WorkbenchError `unauthorised` if the host refuses, `already-running` if the owner does not answer at `port`. */
export async function connect({ port, token }: { port: number; token: string }): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { authorization: `Bearer ${token}` }, maxPayload: 2 ** 30, perMessageDeflate: false });
  const waiting = new Map<number, { resolve(output: unknown): void; reject(error: Error): void }>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  let lastId = 0;

  await once(socket, 'open').catch((cause: Error) => {
    if (cause.message.includes('401') || cause.message.includes('403'))
      throw new WorkbenchError('unauthorised', `The Credence at port ${port} refuses the recorded token.`, { cause });
    throw new WorkbenchError('already-running', `Another process owns the data folder but does not answer at port ${port}; close it first.`, { cause });
  });
  socket.on('message', (data: Buffer) => {
    const reply = RpcReply.parse(decodeFrame(data));
    if ('event' in reply) {
      const event = reply.event as EventName; // unknown events have no listeners
      for (const listener of listeners.get(event) ?? []) (listener as (payload: unknown) => void)(events[event].parse(reply.payload));
      return;
    }
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) call?.reject(new WorkbenchError(reply.error.code, reply.error.message, reply.error.details ? { details: reply.error.details } : {}));
    else call?.resolve(reply.output);
  });
  const closed = once(socket, 'close').then(() => {
    for (const call of waiting.values()) call.reject(connectionLost());
    waiting.clear();
  });
  return {
    closed,
    async call(procedure, input) {
      if (socket.readyState !== socket.OPEN) throw connectionLost();
      const id = ++lastId;
      const output = await new Promise<unknown>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(encodeFrame({ id, procedure, input }));
      });
      return procedures[procedure].output.parse(output) as Output<typeof procedure>;
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener));
      return () => void set.delete(listener);
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}
