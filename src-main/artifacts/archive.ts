/** @file The .credence file: a zip whose manifest, its last entry, names every other one with size and SHA-256. */
import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { Zip, ZipPassThrough } from 'fflate';
import { z } from 'zod';
import { describeIssues, WorkbenchError } from '../contract/errors';
import { namingFullDisk } from './artifact';
import { listEntries, readEntry, type ZipEntry } from './zip-file';

export interface ArchiveEntry {
  readonly name: string;
  /** Whole, or in pieces: then no more than one of them is in memory. */
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  /** Deflate tensors too: worth its time where many of them are zeros. */
  readonly deflate?: boolean;
}

/** Raised when an older Credence could no longer read what a newer one writes. */
const version = 1;
/** 2 GiB. */
const sizeLimit = 2 * 2 ** 30;
const manifestName = 'manifest.json';
const manifestLimit = 16 * 2 ** 20; // bytes

const Manifest = z.object({
  format: z.literal('credence'),
  version: z.int().min(1),
  /** Version of the Credence that wrote it. */
  app: z.string(),
  entries: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.int().min(0) })),
});
type Manifest = z.infer<typeof Manifest>;

/** An entry deflated piece by piece, by Node: fflate 0.8.3's ZipDeflate writes columns of numbers so that nothing can read them back. */
class Deflated extends ZipPassThrough {
  override compression = 8;
  protected override process(bytes: Uint8Array, final: boolean): void {
    this.ondata(null, deflateRawSync(bytes, { finishFlush: final ? constants.Z_FINISH : constants.Z_SYNC_FLUSH }), final);
  }
}

/**
 * Writes piece after piece; tensors, which do not shrink, are stored as they are. On failure nothing is left.
 * @returns bytes written
 * @throws WorkbenchError `unsupported` above 2 GiB, `disk-full`
 */
export async function writeArchive(path: string, app: string, entries: AsyncIterable<ArchiveEntry>): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  const manifest: Manifest = { format: 'credence', version, app, entries: [] };
  let pieces: Uint8Array[] = [];
  let written = 0;
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    pieces.push(piece);
  });
  const flush = async () => {
    for (const piece of pieces) {
      await file.appendFile(piece);
      written += piece.byteLength;
    }
    pieces = [];
    if (written > sizeLimit)
      throw new WorkbenchError(
        'unsupported',
        'The run is larger than 2 GiB, the most that a .credence file holds; keep fewer draws, or keep them in half precision',
      );
  };
  const add = async ({ name, bytes, deflate = !name.endsWith('.safetensors') }: ArchiveEntry): Promise<Manifest['entries'][number]> => {
    const entry = deflate ? new Deflated(name) : new ZipPassThrough(name);
    const hash = createHash('sha256');
    let size = 0;
    zip.add(entry);
    for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      hash.update(piece);
      size += piece.byteLength;
      entry.push(piece);
      await flush();
    }
    entry.push(new Uint8Array(0), true);
    await flush();
    return { name, sha256: hash.digest('hex'), bytes: size };
  };
  try {
    for await (const entry of entries) manifest.entries.push(await add(entry));
    await add({ name: manifestName, bytes: new TextEncoder().encode(JSON.stringify(manifest, null, 2)) });
    zip.end();
    await flush();
    await file.close();
    return written;
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw namingFullDisk(error, path);
  }
}

/** A .credence file whose manifest has been read; entries are unpacked and checked when they are asked for. */
export class Archive {
  constructor(
    readonly title: string,
    readonly manifest: Manifest,
    readonly path: string,
    readonly entries: readonly ZipEntry[],
  ) {}

  /** Bytes of an entry; 0 if there is none of that name. */
  size(name: string): number {
    return this.manifest.entries.find((entry) => entry.name === name)?.bytes ?? 0;
  }

  /** Whether the pieces are what was written is known after the last one only. @throws WorkbenchError `invalid-file`, `checksum-mismatch` */
  async *pieces(name: string): AsyncGenerator<Uint8Array> {
    const recorded = this.manifest.entries.find((entry) => entry.name === name);
    if (!recorded) throw new WorkbenchError('invalid-file', `“${this.title}” is incomplete: it has no ${name}. Export the run again.`);
    const hash = createHash('sha256');
    for await (const piece of unpack(this, name, recorded.bytes)) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== recorded.sha256)
      throw new WorkbenchError(
        'checksum-mismatch',
        `“${this.title}” is damaged: its ${name} is not what was written. Copy the file again, or export the run again.`,
      );
  }

  /** The whole entry. @throws WorkbenchError as `pieces` does */
  read(name: string): Promise<Uint8Array> {
    return gathered(this.pieces(name));
  }

  /** @throws WorkbenchError as `read` does, and `invalid-file` if the entry is not what `schema` says */
  async json<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema>> {
    const parsed = schema.safeParse(parseJson(this.title, await this.read(name)));
    if (parsed.success) return parsed.data;
    throw new WorkbenchError('invalid-file', `“${this.title}” cannot be used: in its ${name}, ${describeIssues(parsed.error)}`);
  }
}

/** @param title what the user calls the file. @throws WorkbenchError `invalid-file` */
export async function openArchive(path: string, title: string): Promise<Archive> {
  if ((await stat(path)).size > sizeLimit) throw new WorkbenchError('invalid-file', `“${title}” is larger than 2 GiB, the most that a .credence file holds`);
  const entries = await listEntries(path).catch((cause: unknown) => {
    throw notWhole(title, cause);
  });
  const manifest = Manifest.safeParse(parseJson(title, await gathered(unpack({ title, path, entries }, manifestName, manifestLimit))));
  if (!manifest.success) throw notWhole(title, manifest.error);
  if (manifest.data.version > version)
    throw new WorkbenchError(
      'invalid-file',
      `“${title}” was written by a later Credence (${manifest.data.app}, format ${manifest.data.version}; this one reads format ${version}). Update Credence.`,
    );
  return new Archive(title, manifest.data, path, entries);
}

/** One entry of a zip, of at most `limit` bytes, whatever its directory says. */
async function* unpack({ title, path, entries }: Pick<Archive, 'title' | 'path' | 'entries'>, name: string, limit: number): AsyncGenerator<Uint8Array> {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry || entry.size > limit) throw notWhole(title);
  const pieces = readEntry(path, entry);
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await pieces.next().catch((cause: unknown) => {
        throw notWhole(title, cause);
      });
      if (done) return;
      bytes += value.byteLength;
      if (bytes > limit) throw notWhole(title);
      yield value;
    }
  } finally {
    await pieces.return(undefined);
  }
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}

function parseJson(title: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw notWhole(title, cause);
  }
}

const notWhole = (title: string, cause?: unknown) =>
  new WorkbenchError('invalid-file', `“${title}” is not a whole .credence file. Copy it again, export the run again, or choose another file.`, { cause });
