/** @file The loopback web host: static renderer, files and RPC on 127.0.0.1, behind a token. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { WorkbenchError } from '../contract/errors';
import { encodeFrame } from '../contract/frames';
import type { Emit } from '../contract/rpc';
import { push, requestLimit, serveCalls, type Call } from './connection';
import { cookieOf, isToken, refuseStranger, refuseUnknown, type Gate, type Refusal } from './guard';
import type { RequestHandler } from './handler';
import { securityHeaders, sentence } from './static';

export interface HostOptions {
  /** 0 = any free port. */
  readonly port: number;
  readonly token: string;
  readonly handler: RequestHandler;
  readonly call: Call;
  /** Told of failures that are no fault of the client. */
  readonly onError: (error: unknown) => void;
}

export interface Host {
  readonly port: number;
  /** Where a browser enters, token inside. */
  readonly url: string;
  /** Pushes an event to every connected client. */
  readonly emit: Emit;
  close(): Promise<void>;
}

/** @throws WorkbenchError `already-running` if the port is taken. */
export async function startHost({ port, token, handler, call, onError }: HostOptions): Promise<Host> {
  const server = createServer((request, response) => {
    answer(request, gate(), handler)
      .catch((error: unknown) => {
        onError(error);
        return sentence(500, 'Credence could not answer; the log says why.');
      })
      .then((reply) => send(reply, request, response))
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error); // the client left
      });
  });
  const gate = (): Gate => ({ port: (server.address() as AddressInfo).port, token });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: requestLimit, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refuseStranger(request.headers, gate()) ?? refuseUnknown(request.headers, gate());
    if (refusal) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', onError); // a malformed frame; ws closes the connection itself
      serveCalls(client, call);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new WorkbenchError('already-running', `Port ${port} is taken by another program; leave out --port to use any free one.`, { cause });
  });
  const address = gate();
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}/?token=${token}`,
    emit: (event, payload) => {
      if (sockets.clients.size === 0) return;
      const frame = encodeFrame({ event, payload });
      for (const client of sockets.clients) push(client, frame);
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * The token in the address is exchanged for a cookie and leaves the address bar. A page that moves on, not a redirect:
 * a strict cookie would not be sent along a redirect that another program or page began.
 */
async function answer(request: IncomingMessage, gate: Gate, handler: RequestHandler): Promise<Response> {
  const stranger = refuseStranger(request.headers, gate);
  if (stranger) return sentence(stranger.status, stranger.message);
  const url = new URL(`http://${request.headers.host}${request.url ?? '/'}`);
  const token = url.searchParams.get('token');
  if (request.method === 'GET' && url.pathname === '/' && token !== null && isToken(token, gate.token))
    return new Response('<!doctype html><link rel="icon" href="data:,">', {
      headers: { ...securityHeaders, refresh: '0; url=/', 'set-cookie': cookieOf(gate), 'content-type': 'text/html', 'cache-control': 'no-store' },
    });
  const unknown: Refusal | null =
    token === null
      ? refuseUnknown(request.headers, gate)
      : { status: 401, message: 'The token in the address is wrong; open the address that Credence printed when it started.' };
  if (unknown) return sentence(unknown.status, unknown.message);
  return handler(toWebRequest(request, url));
}

function toWebRequest(request: IncomingMessage, url: URL): Request {
  const method = request.method ?? 'GET';
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  return new Request(url, { method, headers, body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' });
}

async function send(reply: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  if (!reply.body || request.method === 'HEAD') {
    await reply.body?.cancel();
    response.end();
  } else await pipeline(Readable.fromWeb(reply.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

function refuseUpgrade(socket: Duplex, { status, message }: Refusal): void {
  const reason = status === 401 ? 'Unauthorized' : 'Forbidden';
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`,
  );
}
