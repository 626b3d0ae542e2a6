/** @file From flags, a configuration file and the Catalogue's recommendations to a complete run document. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Catalogue } from '../contract/catalogue';
import { completeSpec, findPreset } from '../contract/complete-spec';
import { describeIssues, WorkbenchError } from '../contract/errors';
import { RunSpec } from '../contract/spec';
import type { CommandLine } from './flags';

type Document = Record<string, unknown>;
const Document = z.record(z.string(), z.unknown());

/** The run document of a YAML or JSON file (JSON is YAML). @throws WorkbenchError `invalid-file` */
export async function readDocument(file: string): Promise<Document> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new WorkbenchError('invalid-file', `${file} cannot be read: ${cause.message}`, { cause });
  });
  try {
    return Document.parse(parse(text));
  } catch (cause) {
    throw new WorkbenchError('invalid-file', `${file} is not a run document in YAML or JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Applies `edits` in order; choosing another entry of a registry drops the settings of the former one. */
export function applyEdits(document: Document, edits: CommandLine['edits'], catalogue: Pick<Catalogue, 'presets'>): Document {
  const edited = structuredClone(document);
  // Choices first, so that `--method.draws 5 --method bbp` keeps the draws.
  for (const { path, value } of edits.filter((edit) => isChoice(edit.path))) {
    const [section = ''] = path;
    const chosen = String(value);
    if (section === 'architecture') edited[section] = findPreset(catalogue, chosen);
    else edited[section] = { ...(sameChoice(edited[section], chosen) ? (edited[section] as Document) : {}), id: chosen };
  }
  for (const { path, value } of edits.filter((edit) => !isChoice(edit.path))) setAt(edited, path, value);
  return edited;
}

const isChoice = (path: readonly string[]): boolean => path.length === 1 && !['name', 'from'].includes(path[0]!);
const sameChoice = (former: unknown, chosen: string): boolean => Document.safeParse(former).data?.['id'] === chosen;

function setAt(document: Document, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    document[head] = value;
    return;
  }
  const inner = Document.safeParse(document[head] ?? {});
  if (!inner.success) throw new WorkbenchError('invalid-spec', `${path.join('.')} cannot be set: ${head} is ${JSON.stringify(document[head])}.`);
  document[head] = inner.data;
  setAt(inner.data, rest, value);
}

/** Fills what was left out by what the dataset recommends. @throws WorkbenchError `invalid-spec` */
export function completeDocument(document: Document, catalogue: Catalogue): RunSpec {
  const complete = RunSpec.safeParse(completeSpec(document, catalogue));
  if (!complete.success) throw new WorkbenchError('invalid-spec', describeIssues(complete.error));
  return complete.data;
}
