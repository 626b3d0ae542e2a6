/** @file @tensorflow/tfjs-node-gpu where it is installed: TensorFlow's own kernels for TF.js, without the rest of what the package brings along. */
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import { findBackend, registerBackend, type KernelBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
// Methods of tensors that its kernels use; TF.js's core has them only when asked.
import '@tensorflow/tfjs-core/dist/public/chained_ops/add';
import '@tensorflow/tfjs-core/dist/public/chained_ops/mul';
import '@tensorflow/tfjs-core/dist/public/chained_ops/sub';
import '@tensorflow/tfjs-core/dist/public/chained_ops/to_float';
import '@tensorflow/tfjs-core/dist/public/chained_ops/to_int';
import { WorkbenchError } from '../../../contract/errors';

const packageName = '@tensorflow/tfjs-node-gpu';

/** By what name its kernels are registered with TF.js. */
export const tensorflow = 'tensorflow';

/** What is used here of the package's native library. */
export interface TensorflowBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  /** The type of an attribute that is a type. */
  readonly TF_ATTR_TYPE: number;
  isUsingGpuDevice(): boolean;
  /** That live in TensorFlow's memory. */
  getNumOfTensors(): number;
}

export interface TensorflowBackend extends KernelBackend {
  readonly binding: TensorflowBinding;
  /** Runs one of TensorFlow's operations, whether TF.js knows it or not. */
  executeSingleOutput(
    operation: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly TensorInfo[],
  ): Tensor;
}

/** The package's folder, with a `require` of its own; undefined where it is not installed. */
function findPackage(): { readonly folder: string; readonly require: NodeJS.Require } | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    return { folder: dirname(manifest), require: createRequire(manifest) };
  } catch {
    return undefined;
  }
}

export const isInstalled = (): boolean => findPackage() !== undefined;

/** Why the package cannot be loaded; undefined where all its files are there. Runs nothing of it. */
export function missingPart(): string | undefined {
  const found = findPackage();
  if (!found) return `${packageName} is not installed: \`npm install\` fetches it where its hosts can be reached`;
  try {
    found.require.resolve(bindingPath(found));
  } catch {
    return `TensorFlow’s library is missing: \`npm rebuild ${packageName}\` fetches it where its hosts can be reached`;
  }
  return undefined;
}

const bindingPath = ({ folder, require }: NonNullable<ReturnType<typeof findPackage>>): string =>
  (require('@mapbox/node-pre-gyp') as { find(manifest: string): string }).find(join(folder, 'package.json'));

/** Loads TensorFlow itself. @throws whatever loading a native library throws */
export function loadBinding(): TensorflowBinding {
  const found = findPackage();
  if (!found) throw new WorkbenchError('unsupported', `${packageName} is not installed`);
  return found.require(bindingPath(found)) as TensorflowBinding;
}

/**
 * Registers the package's kernels with TF.js, over this native library; once in a process.
 *
 * @throws WorkbenchError `unsupported` where the package is not installed
 */
export function registerTensorflow(binding: TensorflowBinding): TensorflowBackend {
  const known = findBackend(tensorflow) as TensorflowBackend | null;
  if (known) return known;
  const found = findPackage();
  if (!found) throw new WorkbenchError('unsupported', `${packageName} is not installed`);
  const { require } = found;
  // Its kernels want all of TF.js, of which they use the core: a second copy, but engine and registries are global.
  const whole = require.resolve('@tensorflow/tfjs');
  require.cache[whole] ??= Object.assign(new Module(whole), { exports: require('@tensorflow/tfjs-core') as unknown, loaded: true });
  // The first is gone since Node 23, the second warns.
  Object.assign(require('node:util') as object, { isNullOrUndefined: (value: unknown) => value === null || value === undefined, isArray: Array.isArray });
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend') as {
    NodeJSKernelBackend: new (binding: TensorflowBinding, packageName: string) => TensorflowBackend;
  };
  require('./dist/register_all_kernels');
  registerBackend(tensorflow, () => new NodeJSKernelBackend(binding, packageName), 0);
  return findBackend(tensorflow) as TensorflowBackend;
}
