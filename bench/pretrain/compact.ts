/** @file A run's .credence file made small: weights in half precision, nothing that only training needs, and thinner curves and results. */
import { encodeSafetensors, decodeSafetensors, type StoredTensor, type StoredTensors } from '../../src-main/artifacts/safetensors';
import { openArchive, writeArchive, type ArchiveEntry } from '../../src-main/artifacts/archive';
import { fromFloat16, toFloat16 } from '../../src-main/artifacts/float16';
import { z } from 'zod';

/** Rows of a curve that a chart can show. */
const curveRows = 400;
/** Of the numbers in results. */
const significantDigits = 5;
/** Of the norm of a tensor: more than this is lost only where values are too small or too large for half precision. */
const tolerance = 1e-3;

const Curve = z.object({ names: z.array(z.string()), rows: z.int() });
const Document = z.looseObject({ metrics: z.looseObject({ step: Curve }), files: z.array(z.looseObject({ kind: z.string() })) });

/**
 * Writes the archive at `from` anew at `to`. A finished run is predicted from, never trained on, so that its optimiser's memory, and where
 * draws were kept all of the state but the weights, may be zeros, which deflate to nothing.
 */
export async function compactArchive(from: string, to: string, app: string, precision: 'float16' | 'float32'): Promise<void> {
  const archive = await openArchive(from, from);
  const document = await archive.json('run.json', Document);
  const { step } = document.metrics;
  const stride = Math.max(1, Math.ceil(step.rows / curveRows));
  const keptDraws = document.files.some(({ kind }) => kind === 'draws');
  const isNeeded = (path: string) => (keptDraws ? path.startsWith('params/') : !path.startsWith('optimiser/'));

  async function* entries(): AsyncGenerator<ArchiveEntry> {
    for (const { name } of archive.manifest.entries) {
      const bytes = await archive.read(name);
      if (name === 'run.json') {
        const metrics = { ...document.metrics, step: { ...step, rows: Math.ceil(step.rows / stride) } };
        yield { name, bytes: new TextEncoder().encode(JSON.stringify({ ...document, metrics }, null, 1)) };
      } else if (name === 'metrics-step.f64') yield { name, bytes: everyRow(stride, bytes, 8 * (1 + step.names.length)) };
      else if (name.endsWith('.safetensors'))
        yield { name, bytes: compactTensors(bytes, precision, name.includes('/draw-') ? () => true : isNeeded), deflate: true };
      else if (name === 'experiments.json') yield { name, bytes: rounded(bytes) };
      else yield { name, bytes };
    }
  }
  await writeArchive(to, app, entries());
}

/** JSON with shorter numbers. */
function rounded(bytes: Uint8Array): Uint8Array {
  const shorten = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(significantDigits)) : value;
  return new TextEncoder().encode(JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), shorten));
}

/** Every so many rows, counted back from the last. */
function everyRow(stride: number, bytes: Uint8Array, width: number): Uint8Array {
  const rows = bytes.byteLength / width;
  const kept = Array.from({ length: Math.ceil(rows / stride) }, (_, i) => rows - 1 - stride * i).reverse();
  const thinned = new Uint8Array(kept.length * width);
  kept.forEach((row, i) => thinned.set(bytes.subarray(row * width, (row + 1) * width), i * width));
  return thinned;
}

function compactTensors(bytes: Uint8Array, precision: 'float16' | 'float32', isNeeded: (path: string) => boolean): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const compact: StoredTensors = Object.fromEntries(Object.entries(tensors).map(([path, tensor]) => [path, isNeeded(path) ? tensor : zerosLike(tensor)]));
  return encodeSafetensors(compact, metadata, (name) => (precision === 'float16' && survives(compact[name]!) ? 'float16' : 'float32'));
}

const zerosLike = (tensor: StoredTensor): StoredTensor =>
  tensor.dtype === 'float32' ? { ...tensor, data: new Float32Array(tensor.data.length) } : { ...tensor, data: new Int32Array(tensor.data.length) };

/** Whether half precision keeps it: not variances of 1e-8. */
function survives({ data }: StoredTensor): boolean {
  const rounded = fromFloat16(toFloat16(Float32Array.from(data)));
  let [lost, all] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    lost += (rounded[i]! - data[i]!) ** 2;
    all += data[i]! ** 2;
  }
  return Math.sqrt(lost) <= tolerance * Math.sqrt(all);
}
