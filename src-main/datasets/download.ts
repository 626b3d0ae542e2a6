/** @file Fetches a published file: from one of several hosts, resumed where an earlier attempt ended, accepted only with the right checksum. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { dirname } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { namingFullDisk } from './folder';

export interface DownloadRequest {
  /** Addresses of the same file, tried in this order. */
  readonly urls: readonly string[];
  /** Where the whole file will lie; until then `<path>.part`. */
  readonly path: string;
  /** Published MD5 of the file, 32 hex digits; or what is wrong with its content, null if it is the right one. */
  readonly check: string | ((path: string) => Promise<string | null>);
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

const compareMd5 = (md5: string) => async (path: string) => {
  const found = await md5Of(path);
  return found === md5 ? null : `has the MD5 ${found}, published is ${md5}`;
};

/** The innermost reason, such as `getaddrinfo ENOTFOUND host`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause ? reasonOf(error.cause) : error.message;
}

/**
 * Answer to a GET, after redirects. Not `fetch`: some hosts label a .gz file as a gzip-encoded text, and fetch would silently unpack it.
 */
async function get(url: string, options: RequestOptions, redirects = 5): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    (url.startsWith('https:') ? https : http).get(url, options, resolve).on('error', reject);
  });
  const { statusCode = 0, headers } = response;
  if (statusCode < 300 || statusCode > 399 || !headers.location || redirects === 0) return response;
  response.resume();
  return get(new URL(headers.location, url).href, options, redirects - 1);
}

/** Appends what is missing of `<path>.part`. @throws HostFailed; or the error of the disk */
async function fetchRest(url: string, { path, signal, report, patience = 30_000, maxBytes = 1e9 }: DownloadRequest): Promise<void> {
  const part = `${path}.part`;
  const stalled = new AbortController();
  const startTimer = () => setTimeout(() => stalled.abort(), patience);
  let timer = startTimer();
  const networkFault = (error: unknown): never => {
    throw new HostFailed(stalled.signal.aborted ? `no data for ${patience / 1000} s` : reasonOf(error));
  };
  try {
    let received = await sizeOf(part);
    const stop = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
    const response = await get(url, { headers: received > 0 ? { range: `bytes=${received}-` } : {}, signal: stop }).catch(networkFault);
    if (response.statusCode === 416) return; // nothing after these bytes: the checksum decides
    if (response.statusCode !== 200 && response.statusCode !== 206) throw new HostFailed(`HTTP ${response.statusCode}`);
    if (response.statusCode === 200) received = 0; // the host sends all from the beginning
    const total = received + Number(response.headers['content-length'] ?? NaN);
    const { host } = new URL(url);
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    const file = await open(part, received > 0 ? 'a' : 'w');
    try {
      for (;;) {
        const { done, value } = await chunks.next().catch(networkFault);
        if (done) break;
        clearTimeout(timer);
        timer = startTimer();
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
  const { urls, path, check, signal } = request;
  const faultOf = typeof check === 'string' ? compareMd5(check) : check;
  const part = `${path}.part`;
  if ((await sizeOf(path)) > 0 && (await faultOf(path)) === null) return;
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
      const fault = await faultOf(part);
      if (fault === null) return rename(part, path);
      await rm(part);
      if (resumed) continue;
      mismatch = `${url} ${fault}`;
      failures.push(`${host}: wrong content`);
      break;
    }
  }
  if (mismatch)
    throw new WorkbenchError('checksum-mismatch', `${title} was downloaded but not accepted: ${mismatch}. Try again later, or import the files from disk`);
  throw new WorkbenchError(
    'download-failed',
    `${title} could not be downloaded (${failures.join('; ')}). Connect to the internet and try again, or import the files from disk`,
  );
}
