import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from './download';
import { hostFiles, serving, servingOnly, type Answer, type FileHost } from './testing';

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 255);
const md5 = createHash('md5').update(bytes).digest('hex');

let folder: string;
let path: string;
let hosts: FileHost[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-download-'));
  path = join(folder, 'sub', 'file.gz');
  hosts = [];
});
afterEach(async () => {
  for (const host of hosts) await host.close();
  await rm(folder, { recursive: true });
});

const host = async (answer: Answer): Promise<FileHost> => {
  const started = await hostFiles({ file: answer });
  hosts.push(started);
  return started;
};
const fetchFrom = (...sources: readonly (FileHost | string)[]) =>
  download('MNIST', { urls: sources.map((source) => (typeof source === 'string' ? source : `${source.url}file`)), path, check: md5, patience: 10_000 });
/** An address where nothing listens any more. */
const nobody = async () => {
  const gone = await hostFiles({});
  await gone.close();
  return `${gone.url}file`;
};

describe('download', () => {
  it('fetches a file, reports progress, and does not fetch it again', async () => {
    const good = await host(serving(bytes));
    const fractions: number[] = [];
    const request = { urls: [`${good.url}file`], path, check: md5, report: (fraction: number) => void fractions.push(fraction) };
    await download('MNIST', request);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    await download('MNIST', request);
    expect(good.requests).toEqual(['GET /file']);
  });

  it('turns to the next host when one is down or has no such file', async () => {
    const empty = await hostFiles({});
    hosts.push(empty);
    const good = await host(serving(bytes));
    await fetchFrom(await nobody(), empty, good);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('goes on at the next host where a broken connection ended', async () => {
    const breaking = await host(servingOnly(bytes, 100_000));
    const good = await host(serving(bytes));
    await fetchFrom(breaking, good);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
    expect(good.requests).toEqual(['GET /file bytes=100000-']);
  });

  it('goes on at the next attempt', async () => {
    await expect(fetchFrom(await host(servingOnly(bytes, 70_000)))).rejects.toMatchObject({ code: 'download-failed' });
    const good = await host(serving(bytes));
    await fetchFrom(good);
    expect(good.requests).toEqual(['GET /file bytes=70000-']);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('begins anew when what was left from an earlier attempt was wrong', async () => {
    await expect(fetchFrom(await host(servingOnly(new Uint8Array(bytes.length), 1000)))).rejects.toMatchObject({ code: 'download-failed' });
    const good = await host(serving(bytes));
    await fetchFrom(good);
    expect(good.requests).toEqual(['GET /file bytes=1000-', 'GET /file']);
  });

  it('takes the whole file from a host that knows no ranges', async () => {
    await expect(fetchFrom(await host(servingOnly(bytes, 5000)))).rejects.toMatchObject({ code: 'download-failed' });
    const plain = await host((_, response) => void response.writeHead(200, { 'content-length': bytes.length }).end(bytes));
    await fetchFrom(plain);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('accepts what an earlier attempt had completed', async () => {
    await expect(fetchFrom(await nobody())).rejects.toMatchObject({ code: 'download-failed' });
    await writeFile(`${path}.part`, bytes);
    await fetchFrom(await host(serving(bytes))); // answers 416: nothing after the last byte
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('follows a redirect and leaves a file packed that the host calls gzip-encoded', async () => {
    const labelled = await host((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length }).end(bytes));
    const moved = await host((_, response) => void response.writeHead(302, { location: `${labelled.url}file` }).end());
    await fetchFrom(moved);
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('gives up a host that redirects for ever', async () => {
    const circle = await host((_, response) => void response.writeHead(302, { location: '/file' }).end());
    await expect(fetchFrom(circle)).rejects.toThrow(/HTTP 302/);
  });

  it('gives up a host that falls silent', async () => {
    const silent = await host(servingOnly(bytes, 1000, 'stall'));
    await expect(download('MNIST', { urls: [`${silent.url}file`], path, check: md5, patience: 300 })).rejects.toThrow(/no data for 0.3 s/);
  });

  it('refuses a file with the wrong checksum, and keeps nothing of it', async () => {
    const wrong = await host(serving(new Uint8Array(1000)));
    await expect(fetchFrom(wrong)).rejects.toMatchObject({ code: 'checksum-mismatch', message: expect.stringContaining(`published is ${md5}`) as string });
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readFile(`${path}.part`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('accepts the right file of a second host after a wrong one', async () => {
    await fetchFrom(await host(serving(new Uint8Array(1000))), await host(serving(bytes)));
    expect(await readFile(path)).toEqual(Buffer.from(bytes));
  });

  it('refuses a host that never ends', async () => {
    const flood = await host((_, response) => {
      const more = () => void response.write(bytes, (error) => !error && setImmediate(more));
      more();
    });
    await expect(download('MNIST', { urls: [`${flood.url}file`], path, check: md5, maxBytes: 2_000_000 })).rejects.toThrow(/more than 2000000 bytes/);
  });

  it('says in one sentence that there is no network, and what to do', async () => {
    await expect(fetchFrom(await nobody())).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(
        /^MNIST could not be downloaded \(127\.0\.0\.1:\d+: connect ECONNREFUSED .+\)\. Connect to the internet and try again, or import the files from disk$/,
      ) as string,
    });
  });

  it('can be cancelled and keeps what has arrived', async () => {
    const silent = await host(servingOnly(bytes, 1000, 'stall'));
    const stop = new AbortController();
    const running = download('MNIST', { urls: [`${silent.url}file`], path, check: md5, signal: stop.signal, report: () => stop.abort() });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readFile(`${path}.part`)).length).toBe(1000);
  });
});
