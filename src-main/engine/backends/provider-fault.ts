/** @file What the texts of ONNX Runtime's providers, of graphics drivers and of TensorFlow mean: none of them gives a code. */
import { WorkbenchError } from '../../contract/errors';

/** Also CUDA's errors after which its context refuses everything. */
const lost = [
  /device[^.]{0,20} (is |was )?(lost|removed|destroyed)|\] is lost\b/i, // 'WebGPU device lost (2): …', '[Device] is lost.'
  /VK_ERROR_DEVICE_LOST|DXGI_ERROR_(DEVICE_(REMOVED|HUNG|RESET)|DRIVER_INTERNAL_ERROR)|887A00(05|06|07|20)/,
  /external Instance reference no longer exists/,
  /CUDA_ERROR_(ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|ECC_UNCORRECTABLE|DEVICE_UNAVAILABLE)/,
  /illegal memory access|misaligned address|unspecified launch failure|launch timed out and was terminated|device-side assert|uncorrectable ECC error/i,
];

const memory = [
  /out of (device |host |GPU )?memory/i, // 'CUDA failure 2: out of memory'
  /VK_ERROR_OUT_OF_(DEVICE|HOST)_MEMORY|CUDA_ERROR_OUT_OF_MEMORY|(CUBLAS|CUDNN)_STATUS_ALLOC_FAILED|E_OUTOFMEMORY|8007000E/,
  /failed to allocate memory|OOM when allocating|resource ?exhausted/i,
  /exceeds the max buffer size limit|Invalid Buffer[^\]]*\] is invalid due to a previous error/,
  /std::bad_alloc|array buffer allocation failed|could not allocate memory/i,
];

/** Bytes asked for in one piece, and the most that there can be. */
const asked = /requested buffer of size (\d+)|Buffer size \((\d+)\)|\((\d+) bytes\) from device/;
const limit = /max buffer size limit \((\d+)\)/;

/**
 * An error of a device as one that says what to do about it: `device-failed` with `fault` 'lost' or 'memory' in its details,
 * and for memory `share`, the part of what was asked for that there would have been room for, in (0, 1), where it tells.
 *
 * @param name of the device
 * @returns `error` itself if its text tells of neither
 */
export function readProviderFault(error: unknown, name: string): unknown {
  const text = textOf(error);
  const failed = (message: string, details: { readonly fault: 'lost' | 'memory'; readonly share?: number }) =>
    new WorkbenchError('device-failed', message, { cause: error, details: { ...details, text } });
  if (lost.some((pattern) => pattern.test(text)))
    return failed(`${name} was lost while it computed: its driver was reset or failed, or the device was removed`, { fault: 'lost' });
  if (!memory.some((pattern) => pattern.test(text))) return error;
  const [bytes, most] = [asked, limit].map((pattern) => Number(pattern.exec(text)?.slice(1).find(Boolean) ?? NaN)) as [number, number];
  const figures = Number.isNaN(bytes)
    ? ''
    : ` (${gigabytes(bytes)} were asked for in one piece${Number.isNaN(most) ? '' : `, ${gigabytes(most)} is its limit`})`;
  return failed(`${name} has not enough memory${figures}`, { fault: 'memory', ...(most < bytes && { share: most / bytes }) });
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(2)} GB`;

/** With those of its causes: a backend may have wrapped what the provider said. */
const textOf = (error: unknown): string =>
  error instanceof Error ? [error.message, ...(error.cause === undefined ? [] : [textOf(error.cause)])].join('; ') : String(error);
