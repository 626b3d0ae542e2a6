/** @file RPC over one WebSocket: {id, procedure, input} → {id, output} or {id, error}; pushed events are {event, payload}. */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { ErrorReport, reportError, WorkbenchError } from '../contract/errors';
import { decodeFrame, encodeFrame } from '../contract/frames';

/** Calls a procedure by name. Validates both ways; rejects with what `reportError` understands. */
export type Call = (procedure: string, input: unknown) => Promise<unknown>;

export const RpcRequest = z.object({ id: z.int(), procedure: z.string(), input: z.unknown() });
export const RpcReply = z.union([
  z.object({ id: z.int(), error: ErrorReport }),
  z.object({ event: z.string(), payload: z.unknown() }),
  z.object({ id: z.int(), output: z.unknown() }),
]);
export type RpcReply = z.infer<typeof RpcReply>;

/** The largest request, bytes: a spec of 200 layers is far below. */
export const requestLimit = 8 * 2 ** 20;
/** A follower that lags by more, bytes, is cut off; it reconnects and reads the state anew. */
const lagLimit = 64 * 2 ** 20;

/** Answers the calls of one authorised client until it closes. */
export function serveCalls(socket: WebSocket, call: Call): void {
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const request = parseRequest(data, isBinary);
    if (!request) return socket.close(1003, 'Not a Credence request');
    const { id, procedure, input } = request;
    call(procedure, input).then(
      (output) => push(socket, encodeFrame({ id, output: output ?? null })),
      (error: unknown) => push(socket, encodeFrame({ id, error: reportError(error) })),
    );
  });
}

/** Sends a frame unless the client is gone or hopelessly behind. */
export function push(socket: WebSocket, frame: Uint8Array): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > lagLimit) socket.terminate();
  else socket.send(frame);
}

function parseRequest(data: Buffer, isBinary: boolean): z.infer<typeof RpcRequest> | null {
  if (!isBinary) return null;
  try {
    return RpcRequest.parse(decodeFrame(data));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** What a dead connection means to whoever waits for an answer. */
export const connectionLost = (): WorkbenchError => new WorkbenchError('cancelled', 'The connection to Credence was lost; it may have been closed.');
