import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { WorkbenchError } from '../contract/errors';
import { Settings } from '../contract/settings';
import { connect } from './client';
import { createHandler } from './handler';
import { startHost, type Host } from './server';
import { contentSecurityPolicy } from './static';
import { storeUpload } from './uploads';

const token = 'correct-token';
let folder: string;
let host: Host;
const calls: [string, unknown][] = [];

/** Node's fetch forbids setting Host; the raw client does not. Resolves to status, headers and text. */
const get = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: host.port, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject).end();
  });
const authorised = { authorization: `Bearer ${token}` };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-host-'));
  await mkdir(join(folder, 'renderer/assets'), { recursive: true });
  await mkdir(join(folder, 'uploads'));
  await writeFile(join(folder, 'renderer/index.html'), '<!doctype html><title>Credence</title>');
  await writeFile(join(folder, 'renderer/assets/app.js'), 'export {};');
  await writeFile(join(folder, 'secret.html'), 'not to be served');
  host = await startHost({
    port: 0,
    token,
    handler: createHandler({ renderer: join(folder, 'renderer'), uploads: join(folder, 'uploads') }),
    call: async (procedure, input) => {
      calls.push([procedure, input]);
      if (procedure === 'settings.get') return Settings.parse({});
      if (procedure === 'runs.metrics') return { names: ['elbo'], steps: Float64Array.of(1, 2), values: Float64Array.of(-3, Number.NaN) };
      throw new WorkbenchError('not-found', 'There is no such run');
    },
    onError: (error) => {
      throw error;
    },
  });
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

describe('the gate', () => {
  it('exchanges the token in the address for a strict cookie and drops it from the address', async () => {
    const entered = await get(`/?token=${token}`);
    expect(entered.headers['refresh']).toBe('0; url=/');
    const cookie = String(entered.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect((await get('/', { cookie: cookie.split(';')[0]! })).status).toBe(200);
  });

  it.each([
    ['no token', '/', {}, 401],
    ['a wrong token in the address', '/?token=wrong', {}, 401],
    ['a wrong token beside the right cookie', '/?token=wrong', authorised, 401],
    ['a wrong bearer token', '/', { authorization: 'Bearer wrong' }, 401],
    ['the cookie of another port', '/', { cookie: `credence-1=${token}` }, 401],
    ['another Host', '/', { ...authorised, host: 'evil.example' }, 403],
    ['another Origin', '/', { ...authorised, origin: 'http://evil.example' }, 403],
    ['an Origin at another port', '/', { ...authorised, origin: 'http://127.0.0.1:1' }, 403],
  ])('answers %s with one sentence', async (_what, path, headers, status) => {
    const reply = await get(path, headers);
    expect(reply.status).toBe(status);
    expect(reply.text.trim()).toMatch(/^[^\n]+\.$/);
    expect(reply.text).not.toContain(token);
  });

  it.each([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['another Origin', { ...authorised, origin: 'http://evil.example' }, 403],
    ['another Host', { ...authorised, host: 'evil.example' }, 403],
  ])('refuses a WebSocket with %s', async (_what, headers, status) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers });
    const message = await new Promise<string>((resolve) => socket.once('error', (error) => resolve(error.message)));
    expect(message).toContain(String(status));
  });

  it('tells a program with the wrong token so', async () => {
    await expect(connect({ port: host.port, token: 'wrong' })).rejects.toMatchObject({ code: 'unauthorised' });
  });
});

describe('static files', () => {
  it('serves the application under its policy, hashed assets for good', async () => {
    const page = await get('/', authorised);
    expect(page.text).toContain('<title>Credence</title>');
    expect(page.headers['content-security-policy']).toBe(contentSecurityPolicy);
    expect(page.headers['cache-control']).toBe('no-cache');
    expect((await get('/assets/app.js', authorised)).headers['cache-control']).toContain('immutable');
  });

  it.each(['/../secret.html', '/..%2fsecret.html', '/%2e%2e/secret.html', '/assets', '/missing.js', '/%ff.html', '/a%00.html'])(
    'does not find %s',
    async (path) => {
      expect((await get(path, authorised)).status).toBe(404);
    },
  );
});

describe('files', () => {
  const post = (body: Uint8Array<ArrayBuffer>) => fetch(`http://127.0.0.1:${host.port}/files`, { method: 'POST', body, headers: authorised });

  it('stores an upload and gives it back', async () => {
    const body = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const { file } = (await (await post(body)).json()) as { file: string };
    expect(new Uint8Array(await readFile(join(folder, 'uploads', file)))).toEqual(body);
    const back = await fetch(`http://127.0.0.1:${host.port}/files/${file}`, { headers: authorised });
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(body);
    expect((await get('/files/..%2f..%2fsecret.html', authorised)).status).toBe(404);
  });

  it('refuses what is too large and leaves nothing behind', async () => {
    const before = await readdir(join(folder, 'uploads'));
    const body = new Blob([new Uint8Array(3000)]).stream();
    await expect(storeUpload(join(folder, 'uploads'), body, 2000)).rejects.toMatchObject({ code: 'invalid-file' });
    expect(await readdir(join(folder, 'uploads'))).toEqual(before);
  });
});

describe('calls', () => {
  it('carry typed arrays and errors, and pushed events', async () => {
    const client = await connect({ port: host.port, token });
    const chunk = await client.call('runs.metrics', { run: 'run-abcd' as never, scope: 'step' });
    expect(chunk.values).toEqual(Float64Array.of(-3, Number.NaN));
    expect(calls.at(-1)).toEqual(['runs.metrics', { run: 'run-abcd', scope: 'step' }]);
    await expect(client.call('runs.get', 'run-abcd' as never)).rejects.toMatchObject({ code: 'not-found', message: 'There is no such run' });

    const pushed = new Promise((resolve) => client.on('settings.changed', resolve));
    host.emit('settings.changed', Settings.parse({ theme: 'dark' }));
    expect(await pushed).toMatchObject({ theme: 'dark' });
    await client.close();
  });

  it('closes a connection that does not speak the protocol', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers: authorised });
    socket.once('open', () => socket.send(new Uint8Array([1, 2, 3])));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1003);
  });
});
