/** @file A host of files for tests: it can cut answers short, stall, lie and refuse. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileHost {
  /** Address of the folder, with a slash at the end. */
  readonly url: string;
  /** 'GET /name' or 'GET /name bytes=10-' of every request so far. */
  readonly requests: string[];
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves bytes, with ranges. */
export const serving =
  (bytes: Uint8Array): Answer =>
  ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (from >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from }).end(bytes.subarray(from));
  };

/** Promises all, gives the first `count` bytes of what is asked for, then breaks the connection or falls silent. */
export const servingOnly =
  (bytes: Uint8Array, count: number, then: 'break' | 'stall' = 'break'): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, count), () => then === 'break' && setTimeout(() => response.destroy(), 20));
  };

/** Listens on a free loopback port; files that are not in `answers` give 404. */
export async function hostFiles(answers: Readonly<Record<string, Answer>>): Promise<FileHost> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    const answer = answers[request.url!.slice(1)];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
