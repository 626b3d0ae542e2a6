/** @file What the soak has found so far: a file that a killed soak goes on from, and the document made of it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Part } from './part';

const Finding = z.object({
  how: z.string(),
  figures: z.array(z.object({ name: z.string(), value: z.string(), limit: z.string(), holds: z.boolean() })),
  minutes: z.number(),
  date: z.string(),
});
const Findings = z.record(z.string(), Finding);
export type Findings = z.infer<typeof Findings>;

const state = '.cache/soak.json';
const document = 'docs/soak.md';

export function readFindings(): Findings {
  try {
    return Findings.parse(JSON.parse(readFileSync(state, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export function writeFindings(findings: Findings, parts: readonly Part[]): void {
  write(state, JSON.stringify(findings, null, 2));
  write(document, describe(findings, parts));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

function describe(findings: Findings, parts: readonly Part[]): string {
  const done = parts.flatMap((part) => findings[part.id] ?? []);
  const minutes = done.reduce((total, finding) => total + finding.minutes, 0);
  return [
    '# Soak',
    '',
    'Many steps of every method, runs stopped at random moments, the whole process killed at random moments: all in the built app, through its own door. `npm run soak` does what is missing and writes this file; `-- --list` prints the plan, `--only stops` does one family, `--again` repeats what is done.',
    '',
    `Last written ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}; the parts below took ${minutes.toFixed(0)} min.`,
    '',
    '| What | Found | Limit | Holds |',
    '| --- | --- | --- | --- |',
    ...done.flatMap(({ figures }) => figures.map(({ name, value, limit, holds }) => `| ${name} | ${value} | ${limit} | ${holds ? 'yes' : '**no**'} |`)),
    '',
  ].join('\n');
}
