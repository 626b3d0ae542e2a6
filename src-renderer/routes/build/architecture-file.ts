/** @file Architectures as JSON files. */
import { ArchitectureFile } from '../../../src-main/contract/architecture';
import { WorkbenchError } from '../../../src-main/contract/errors';
import type { Architecture } from '../../../src-main/contract/spec';

export const writeArchitecture = (architecture: Architecture): string =>
  `${JSON.stringify({ format: 'credence-architecture', version: 1, architecture } satisfies ArchitectureFile, null, 2)}\n`;

/** @throws WorkbenchError `invalid-file` */
export function readArchitecture(text: string, name: string): Architecture {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new WorkbenchError('invalid-file', `${name} is not JSON; choose an architecture that Credence has exported`);
  }
  const parsed = ArchitectureFile.safeParse(document);
  if (parsed.success) return parsed.data.architecture;
  const [{ path, message }] = parsed.error.issues as [(typeof parsed.error.issues)[number]];
  throw new WorkbenchError('invalid-file', `${name} cannot be read: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
}
