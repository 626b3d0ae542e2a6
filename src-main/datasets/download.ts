/** @file Fetches a published file: from one of several hosts, resumed where an earlier attempt ended, accepted only with the right checksum. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { namingFullDisk } from './image-folder';

export interface DownloadRequest {
  /** Addresses of the same file, tried in this order. */
  readonly urls: readonly string[];
  /** Where the whole file will lie; until then `<path>.part`. */
  readonly path: string;
  /** Published MD5 of the file, 32 hex digits. */
  readonly md5: string;
  readonly signal?: AbortSignal;
  /** fraction in [0, 1], 0 while the size is unknown */
  readonly report?: (fraction: number, host: string) => void;
  /** Milliseconds without a byte after which a host is given up. */
  readonly patience?: number;
  readonly maxBytes?: number;
}

/** Why one host was given up; the next may do better. */
class HostFailed extends Error {}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size; // no file yet

export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The innermost reason, such as `getaddrinfo ENOTFOUND host`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause ? reasonOf(error.cause) : error.message;
}

/** Appends what is missing of `<path>.part`. @throws HostFailed; or the error of the disk */
async function fetchRest(url: string, request: DownloadRequest): Promise<void> {
  const { path, signal, report, patience = 30_000, maxBytes = 1e9 } = request;
  const part = `${path}.part`;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), patience);
  const still = <T>(promise: Promise<T>): Promise<T> =>
    promise.catch((error: unknown) => {
      throw new HostFailed(stalled.signal.aborted ? `no data for ${patience / 1000} s` : reasonOf(error));
    });
  try {
    let received = await sizeOf(part);
    const response = await still(
      fetch(url, {
        headers: received > 0 ? { range: `bytes=${received}-`, 'accept-encoding': 'identity' } : { 'accept-encoding': 'identity' },
        signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]),
      }),
    );
    if (response.status === 416) return; // nothing after these bytes: the checksum decides
    if (!response.ok || !response.body) throw new HostFailed(`HTTP ${response.status}`);
    if (response.status !== 206) received = 0; // the host sends all from the beginning
    const total = received + Number(response.headers.get('content-length') ?? NaN);
    const host = new URL(url).host;
    const file = await open(part, received > 0 ? 'a' : 'w');
    try {
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await still(reader.read());
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(), patience);
        received += value.byteLength;
        if (received > maxBytes) throw new HostFailed(`more than ${maxBytes} bytes`);
        await file.writeFile(value);
        report?.(total > 0 ? Math.min(1, received / total) : 0, host);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
    stalled.abort(); // closes the connection when we leave early
  }
}

/**
 * Leaves the file at `path`; at once if it is there with the right checksum.
 *
 * @throws WorkbenchError `download-failed` when no host gives the whole file, `checksum-mismatch` when one gives another file, `cancelled` (what has
 * arrived stays for the next attempt), `disk-full`.
 */
export async function download(title: string, request: DownloadRequest): Promise<void> {
  const { urls, path, md5, signal } = request;
  const part = `${path}.part`;
  if ((await sizeOf(path)) > 0 && (await md5Of(path)) === md5) return;
  await mkdir(dirname(path), { recursive: true });
  const failures: string[] = [];
  let mismatch = '';
  for (const url of urls) {
    const { host } = new URL(url);
    // A second attempt only after a resumed file had the wrong sum: the fault may lie in its beginning.
    for (let resumed = (await sizeOf(part)) > 0; ; resumed = false) {
      try {
        await fetchRest(url, request);
      } catch (error) {
        if (signal?.aborted) throw new WorkbenchError('cancelled', `The download of ${title} was cancelled`);
        if (!(error instanceof HostFailed)) throw namingFullDisk(error, part);
        failures.push(`${host}: ${error.message}`);
        break;
      }
      const found = await md5Of(part);
      if (found === md5) return rename(part, path);
      await rm(part);
      if (resumed) continue;
      mismatch = `${url} has the MD5 ${found}, published is ${md5}`;
      failures.push(`${host}: wrong checksum`);
      break;
    }
  }
  const help = `Connect to the internet and try again, or import the IDX files from disk`;
  if (mismatch)
    throw new WorkbenchError('checksum-mismatch', `${title} was downloaded but not accepted: ${mismatch}. Try again later, or import the IDX files from disk`);
  throw new WorkbenchError('download-failed', `${title} could not be downloaded (${failures.join('; ')}). ${help}`);
}
