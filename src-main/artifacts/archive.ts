/** @file The .credence file: a zip whose manifest, its last entry, names every other one with size and SHA-256. */
import { open, readFile, rm, stat } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { unzipSync, Zip, ZipPassThrough } from 'fflate';
import { z } from 'zod';
import { describeIssues, WorkbenchError } from '../contract/errors';
import { namingFullDisk, sha256Of } from './artifact';

export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Deflate tensors too: worth its time where many of them are zeros. */
  readonly deflate?: boolean;
}

/** Raised when an older Credence could no longer read what a newer one writes. */
const version = 1;
/** 2 GiB: larger files are not read in one piece. */
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

/** An entry deflated in one piece, by Node: fflate 0.8.3's ZipDeflate writes columns of numbers so that nothing can read them back. */
class Deflated extends ZipPassThrough {
  override compression = 8;
  protected override process(bytes: Uint8Array, final: boolean): void {
    this.ondata(null, deflateRawSync(bytes), final);
  }
}

/**
 * Writes entry after entry, so that only one is in memory; tensors, which do not shrink, are stored as they are. On failure nothing is left.
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
  const add = async ({ name, bytes, deflate = !name.endsWith('.safetensors') }: ArchiveEntry) => {
    const entry = deflate ? new Deflated(name) : new ZipPassThrough(name);
    zip.add(entry);
    entry.push(bytes, true);
    await flush();
  };
  try {
    for await (const entry of entries) {
      manifest.entries.push({ name: entry.name, sha256: sha256Of(entry.bytes), bytes: entry.bytes.byteLength });
      await add(entry);
    }
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
    readonly bytes: Uint8Array,
    readonly manifest: Manifest,
  ) {}

  /** @throws WorkbenchError `invalid-file`, `checksum-mismatch` */
  read(name: string): Uint8Array {
    const recorded = this.manifest.entries.find((entry) => entry.name === name);
    if (!recorded) throw new WorkbenchError('invalid-file', `“${this.title}” is incomplete: it has no ${name}. Export the run again.`);
    const bytes = unpack(this.title, this.bytes, name, recorded.bytes);
    if (sha256Of(bytes) !== recorded.sha256)
      throw new WorkbenchError(
        'checksum-mismatch',
        `“${this.title}” is damaged: its ${name} is not what was written. Copy the file again, or export the run again.`,
      );
    return bytes;
  }

  /** @throws WorkbenchError as `read` does, and `invalid-file` if the entry is not what `schema` says */
  json<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(parseJson(this.title, this.read(name)));
    if (parsed.success) return parsed.data;
    throw new WorkbenchError('invalid-file', `“${this.title}” cannot be used: in its ${name}, ${describeIssues(parsed.error)}`);
  }
}

/** @param title what the user calls the file. @throws WorkbenchError `invalid-file` */
export async function openArchive(path: string, title: string): Promise<Archive> {
  if ((await stat(path)).size > sizeLimit) throw new WorkbenchError('invalid-file', `“${title}” is larger than 2 GiB, the most that a .credence file holds`);
  const bytes = await readFile(path);
  const manifest = Manifest.safeParse(parseJson(title, unpack(title, bytes, manifestName, manifestLimit)));
  if (!manifest.success) throw notWhole(title, manifest.error);
  if (manifest.data.version > version)
    throw new WorkbenchError(
      'invalid-file',
      `“${title}” was written by a later Credence (${manifest.data.app}, format ${manifest.data.version}; this one reads format ${version}). Update Credence.`,
    );
  return new Archive(title, bytes, manifest.data);
}

/** One entry of a zip, of at most `limit` bytes. */
function unpack(title: string, zip: Uint8Array, name: string, limit: number): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    bytes = unzipSync(zip, { filter: (entry) => entry.name === name && entry.originalSize <= limit })[name];
  } catch (cause) {
    throw notWhole(title, cause);
  }
  if (!bytes) throw notWhole(title);
  return bytes;
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
