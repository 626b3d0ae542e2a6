/** @file Where onnxruntime-node has its install step, and what that puts where. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The install step's own table: what it can install, by platform, and the files of it. */
const Metadata = z.object({ requirements: z.record(z.string(), z.array(z.string())), manifests: z.record(z.string(), z.record(z.string(), z.unknown())) });

export interface CudaPackage {
  /** The install step, to be run by Node. */
  readonly script: string;
  /** Its name for CUDA here; null where it has none. */
  readonly version: string | null;
  /** Where the libraries go. */
  readonly folder: string;
  isInstalled(): boolean;
}

export function findCudaPackage(): CudaPackage {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('onnxruntime-node/package.json'));
  const platform = `${process.platform}/${process.arch}`;
  const { requirements, manifests } = Metadata.parse(require(join(root, 'script/install-metadata.js')));
  const version = requirements[platform]?.find((name) => name.startsWith('cuda')) ?? null;
  const folder = join(root, 'bin/napi-v6', platform);
  const files = Object.keys(manifests[`${platform}:${version}`] ?? {});
  const isThere = (file: string): boolean => {
    try {
      require.resolve(join(folder, file));
      return true;
    } catch {
      return false; // the only way to ask `resolve`
    }
  };
  return { script: join(root, 'script/install.js'), version, folder, isInstalled: () => files.length > 0 && files.every(isThere) };
}
