import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostFiles, serving, type FileHost } from './testing';
import { uciYacht } from './uci';

let folder: string;
let host: FileHost;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credence-uci-'));
  host = await hostFiles({ 'uci-yacht/data.txt': serving(Buffer.from('1 2 3 4 5 6 7\n8 9 10 11 12 13 14\n')) });
  vi.stubEnv('CREDENCE_DATA', undefined);
  vi.stubEnv('CREDENCE_MIRROR', host.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await host.close();
  await rm(folder, { recursive: true });
});

describe('a UCI table', () => {
  it('is missing at first, and refused when a host gives other rows than the published ones', async () => {
    expect(await uciYacht.stored(folder)).toBeNull();
    const stop = new AbortController();
    const attempt = uciYacht.prepare({ folder, signal: stop.signal, report: (_fraction, message) => message.includes('127.0.0.1') || stop.abort() });
    await expect(attempt).rejects.toBeDefined();
    expect(host.requests).toContain('GET /uci-yacht/data.txt');
    expect(await readdir(folder)).toEqual(['uci-yacht.download']);
    expect(await readdir(join(folder, 'uci-yacht.download'))).toEqual([]);
  });
});
