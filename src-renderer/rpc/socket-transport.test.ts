import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeFrame, encodeFrame } from '../../src-main/contract/frames';
import { socketTransport } from './socket-transport';

/** Stands for the browser's WebSocket; the test plays the network. */
class FakeSocket {
  static all: FakeSocket[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage = (_message: { data: ArrayBuffer }) => {};
  readonly sent: { id: number; procedure: string; input: unknown }[] = [];
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(frame: Uint8Array) {
    this.sent.push(decodeFrame(frame) as (typeof this.sent)[number]);
  }
  receive(message: unknown) {
    this.onmessage({ data: encodeFrame(message).buffer });
  }
}
const socket = () => FakeSocket.all.at(-1)!;

describe('socketTransport', () => {
  beforeEach(() => {
    FakeSocket.all = [];
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('pairs answers with calls whatever their order, typed arrays included', async () => {
    const transport = socketTransport('ws://host/rpc');
    socket().onopen();
    const [a, b] = [transport.call('a', { x: 1 }), transport.call('b', undefined)];
    expect(socket().sent).toEqual([
      { id: 1, procedure: 'a', input: { x: 1 } },
      { id: 2, procedure: 'b', input: null },
    ]);
    socket().receive({ id: 2, output: Float64Array.of(1, 2) });
    socket().receive({ id: 1, output: null });
    expect(await b).toEqual(Float64Array.of(1, 2));
    expect(await a).toBeNull();
  });
  it('revives errors with their code', async () => {
    const transport = socketTransport('ws://host/rpc');
    socket().onopen();
    const answer = transport.call('a', null);
    socket().receive({ id: 1, error: { code: 'not-found', message: 'Run x does not exist' } });
    await expect(answer).rejects.toMatchObject({ name: 'WorkbenchError', code: 'not-found', message: 'Run x does not exist' });
  });
  it('holds calls back until the socket is open, also after a loss', async () => {
    const transport = socketTransport('ws://host/rpc');
    void transport.call('early', null);
    expect(socket().sent).toEqual([]);
    socket().onopen();
    expect(socket().sent.map(({ procedure }) => procedure)).toEqual(['early']);
  });
  it('rejects what was under way at a loss, opens again and sends what was asked meanwhile, once', async () => {
    const transport = socketTransport('ws://host/rpc');
    const connections: string[] = [];
    transport.onConnection((connection) => connections.push(connection));
    socket().onopen();
    const lost = transport.call('lost', null);
    socket().onclose();
    await expect(lost).rejects.toMatchObject({ code: 'cancelled' });
    const kept = transport.call('kept', null);
    vi.advanceTimersByTime(250);
    expect(FakeSocket.all).toHaveLength(2);
    socket().onclose(); // still not there: the call goes on waiting, the delay doubles
    vi.advanceTimersByTime(499);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(1);
    socket().onopen();
    expect(socket().sent.map(({ procedure }) => procedure)).toEqual(['kept']);
    socket().receive({ id: 2, output: 7 });
    expect(await kept).toBe(7);
    expect(connections).toEqual(['connecting', 'open', 'lost', 'open']);
  });
  it('hands events to its listeners until they stop', () => {
    const transport = socketTransport('ws://host/rpc');
    const heard: unknown[] = [];
    const stop = transport.onEvent((event, payload) => heard.push([event, payload]));
    socket().onopen();
    socket().receive({ event: 'run.removed', payload: 'run-abcd' });
    stop();
    socket().receive({ event: 'run.removed', payload: 'run-efgh' });
    expect(heard).toEqual([['run.removed', 'run-abcd']]);
  });
});
