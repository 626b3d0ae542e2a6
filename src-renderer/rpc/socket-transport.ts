/** @file RPC over a WebSocket that opens itself again after a loss. Frames: contract/frames.ts. */
import { WorkbenchError } from '../../src-main/contract/errors';
import { decodeFrame, encodeFrame } from '../../src-main/contract/frames';
import { revive, type Connection, type Transport } from './transport';

interface Waiting {
  readonly frame: Uint8Array<ArrayBuffer>;
  resolve(output: unknown): void;
  reject(error: Error): void;
}

type Reply = { id: number; output?: unknown; error?: unknown } | { event: string; payload: unknown };

const firstDelay = 250; // ms; doubles up to the longest
const longestDelay = 4000;

/** Calls made while the socket is closed wait for it; calls under way when it closes are rejected, since they may have been carried out. */
export function socketTransport(url: string): Transport {
  const eventListeners = new Set<(event: string, payload: unknown) => void>();
  const connectionListeners = new Set<(connection: Connection) => void>();
  const waiting = new Map<number, Waiting>();
  let connection: Connection = 'connecting';
  let socket: WebSocket;
  let lastId = 0;
  let delay = firstDelay;

  const setConnection = (now: Connection) => {
    connection = now;
    for (const listener of connectionListeners) listener(now);
  };

  function open() {
    socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      delay = firstDelay;
      for (const { frame } of waiting.values()) socket.send(frame);
      setConnection('open');
    };
    socket.onmessage = ({ data }) => receive(decodeFrame(new Uint8Array(data as ArrayBuffer)) as Reply);
    socket.onclose = () => {
      if (connection === 'open') {
        for (const call of waiting.values()) call.reject(new WorkbenchError('cancelled', 'The connection to Credence was lost before it answered; try again.'));
        waiting.clear();
        setConnection('lost');
      }
      setTimeout(open, delay);
      delay = Math.min(2 * delay, longestDelay);
    };
  }

  function receive(reply: Reply) {
    if ('event' in reply) {
      for (const listener of eventListeners) listener(reply.event, reply.payload);
      return;
    }
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error !== undefined) call?.reject(revive(reply.error));
    else call?.resolve(reply.output);
  }

  open();
  return {
    call: (procedure, input) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const frame = encodeFrame({ id, procedure, input: input ?? null });
        waiting.set(id, { frame, resolve, reject });
        if (connection === 'open') socket.send(frame);
      }),
    onEvent(listener) {
      eventListeners.add(listener);
      return () => void eventListeners.delete(listener);
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      listener(connection);
      return () => void connectionListeners.delete(listener);
    },
  };
}
