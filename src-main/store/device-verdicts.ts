/** @file What the tests of devices have found, kept as a file: a cache, made again if deleted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeArtifact } from '../artifacts/artifact';
import { DeviceKind, DeviceVerdict, Hardware } from '../contract/device';

const file = 'devices.json';

export const DeviceVerdicts = z.object({
  /** What the tests were made with: those of another engine say nothing. */
  engine: z.string(),
  hardware: Hardware,
  tests: z.array(DeviceKind.extend({ verdict: DeviceVerdict, testedAt: z.number() })),
});
export type DeviceVerdicts = z.infer<typeof DeviceVerdicts>;

/** Null where there are none of this engine, or none that can be read. */
export function readDeviceVerdicts(root: string, engine: string): DeviceVerdicts | null {
  const parsed = DeviceVerdicts.safeParse(parseFile(join(root, file)));
  return parsed.success && parsed.data.engine === engine ? parsed.data : null;
}

export async function writeDeviceVerdicts(root: string, verdicts: DeviceVerdicts): Promise<void> {
  await writeArtifact(root, file, new TextEncoder().encode(JSON.stringify(verdicts, null, 2)));
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // absent or damaged: measured again
  }
}
