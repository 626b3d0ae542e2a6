/** @file A computation as an ONNX model for other programs: weights inside, any number of rows. */
import { WorkbenchError } from '../../contract/errors';
import { lower } from '../compiler/onnx/lower';
import { trace, type TracedStep } from '../compiler/trace';
import type { HostTensors, TensorSpecs } from '../numerics/host-tensor';
import type { Batch, Step } from '../numerics/step';
import { inIntegers, type IntegerOptions } from './integer-model';

/** What protocol buffers can hold; bytes. */
const sizeLimit = 2 ** 31 - 2 ** 20;

/** Rows to trace for. They are told from other axes by divisibility: the first prime from 101 on that divides none of the lengths. */
function symbolicRows(lengths: readonly number[]): number {
  const isPrime = (n: number) => Array.from({ length: Math.floor(Math.sqrt(n)) - 1 }, (_, i) => i + 2).every((divisor) => n % divisor !== 0);
  for (let n = 101; ; n += 2) if (isPrime(n) && lengths.every((length) => length % n !== 0)) return n;
}

/** A traced computation of rows and given tensors. */
export interface StandAloneTrace {
  readonly outputs: TracedStep['info'];
  readonly rows: number;
}

/**
 * Traces `compute`, from x [rows, …inputShape] and given tensors to its outputs, by their names.
 *
 * @throws WorkbenchError `unsupported` if it draws noise, or cannot be compiled
 */
export function traceStandAlone(
  compute: (x: Batch[string], given: Batch, key: Parameters<Step>[2]) => Batch,
  { inputShape, given }: { readonly inputShape: readonly number[]; readonly given: TensorSpecs },
): StandAloneTrace {
  const rows = symbolicRows([...inputShape, ...Object.values(given).flatMap(({ shape }) => shape)]);
  const step: Step = (_state, { x, ...rest }, key) => ({ info: compute(x!, rest, key) });
  const traced = trace(step, { state: {}, batch: { x: { dtype: 'float32', shape: [rows, ...inputShape] }, ...given } });
  if (traced.noise.length > 0)
    throw new WorkbenchError(
      'unsupported',
      'This network draws random numbers for each prediction, which an ONNX file cannot hold; export its draws as safetensors',
    );
  return { outputs: traced.info, rows };
}

/**
 * ONNX (opset 17, no operators but ONNX's own) with the given tensors inside; with `integers` its products are computed in 8-bit integers.
 *
 * @throws WorkbenchError `unsupported` above 2 GiB, or where a layer has no integer form
 */
export async function standAloneModel({ outputs, rows }: StandAloneTrace, given: HostTensors, integers?: IntegerOptions | undefined): Promise<Uint8Array> {
  const bytes = Object.values(given).reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > sizeLimit)
    throw new WorkbenchError(
      'unsupported',
      `The weights of all draws have ${(bytes / 2 ** 30).toFixed(1)} GiB, and an ONNX file holds less than 2 GiB; export fewer draws`,
    );
  const alone = { given, rows, input: 'x' };
  return lower(outputs, 'any', integers ? { ...alone, integers: await inIntegers(outputs, alone, integers) } : alone).model;
}
