/** @file Files that cross from the window to the data folder: streamed to `<data>/uploads/<id>`, never named by path outside. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { namingFullDisk } from '../artifacts/artifact';
import { WorkbenchError } from '../contract/errors';
import { FileId } from '../contract/ids';
import { newId } from '../store/rows';
import { fileResponse } from './static';

/** 512 MiB: the largest upload. */
export const uploadLimit = 512 * 2 ** 20;

/**
 * Stores a request body as a new upload; on any failure nothing is left behind.
 * @throws WorkbenchError `invalid-file` above the limit, `disk-full`
 */
export async function storeUpload(folder: string, body: ReadableStream<Uint8Array>, limit = uploadLimit): Promise<FileId> {
  const file = newId(FileId, 'file');
  const path = join(folder, file);
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes <= limit) done(null, chunk);
      else done(new WorkbenchError('invalid-file', `The file is larger than ${Math.floor(limit / 2 ** 20)} MiB, the largest that can be imported.`));
    },
  });
  try {
    // Node's stream/web types and the global ones describe the same class.
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), limited, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  } catch (error) {
    await rm(path, { force: true });
    throw namingFullDisk(error, path);
  }
  return file;
}

/** An earlier upload or an export as a download of this name (RFC 6266); `null` if there is none of that id. */
export async function sendUpload(folder: string, id: string, name: string): Promise<Response | null> {
  const file = FileId.safeParse(id);
  if (!file.success) return null;
  return fileResponse(join(folder, file.data), { 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` });
}
