/** @file Reading a zip from its directory at the end, one entry at a time and in pieces: no entry need be in memory. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  /** Bytes, unpacked, as the directory says. */
  readonly size: number;
  readonly packed: number;
  readonly deflated: boolean;
  /** Where its header lies. */
  readonly offset: number;
}

/** @see PKWARE, APPNOTE.TXT 6.3.9, sec. 4.3: little-endian throughout */
const endOfDirectory = { signature: 0x06054b50, size: 22, longestComment: 65_535 };
const directoryHeader = { signature: 0x02014b50, size: 46 };
const localHeader = { signature: 0x04034b50, size: 30 };
const deflate = 8;

/** The entries of the zip. @throws Error that says what is wrong, for anything that is no whole zip of this simple kind: one disk, below 4 GiB */
export async function listEntries(path: string): Promise<ZipEntry[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await readAt(file, Math.max(0, size - endOfDirectory.size - endOfDirectory.longestComment), size);
    let at = tail.length - endOfDirectory.size;
    while (at >= 0 && tail.readUInt32LE(at) !== endOfDirectory.signature) at--;
    if (at < 0) throw new Error('It has no directory');
    const [count, bytes, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    const directory = await readAt(file, start, start + bytes);
    const entries: ZipEntry[] = [];
    for (let i = 0, place = 0; i < count; i++) {
      if (directory.readUInt32LE(place) !== directoryHeader.signature) throw new Error(`Entry ${i} of its directory is none`);
      const [method, packed, size] = [directory.readUInt16LE(place + 10), directory.readUInt32LE(place + 20), directory.readUInt32LE(place + 24)];
      if (method !== 0 && method !== deflate) throw new Error(`Entry ${i} is packed in an unknown way, ${method}`);
      const [nameLength, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(place + field)) as [number, number, number];
      const name = directory.toString('utf8', place + directoryHeader.size, place + directoryHeader.size + nameLength);
      entries.push({ name, size, packed, deflated: method === deflate, offset: directory.readUInt32LE(place + 42) });
      place += directoryHeader.size + nameLength + extra + comment;
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** The entry's content. @throws Error if it cannot be unpacked */
export async function* readEntry(path: string, { name, packed, deflated, offset }: ZipEntry): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  let header: Buffer;
  try {
    header = await readAt(file, offset, offset + localHeader.size);
  } finally {
    await file.close();
  }
  if (header.readUInt32LE(0) !== localHeader.signature) throw new Error(`${name} is not where the directory says`);
  if (packed === 0) return;
  const start = offset + localHeader.size + header.readUInt16LE(26) + header.readUInt16LE(28);
  const raw: Readable = createReadStream(path, { start, end: start + packed - 1 });
  // What pipeline reports is also thrown by the iteration over its last stream.
  const pieces: Readable = deflated ? pipeline(raw, createInflateRaw(), () => undefined) : raw;
  for await (const piece of pieces) yield piece as Buffer;
}

async function readAt(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  if (bytesRead < to - from) throw new Error('It ends too early');
  return buffer;
}
