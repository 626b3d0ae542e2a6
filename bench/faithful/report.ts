/** @file What has been found so far: a JSON file that grows row by row, and the document made from it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { z } from 'zod';
import type { Row } from './row';

const Finding = z.object({
  how: z.string(),
  figures: z.array(z.object({ name: z.string(), value: z.number(), unit: z.string(), target: z.string(), holds: z.boolean() })),
  /** That it took, waiting for other work of the machine included. */
  minutes: z.number(),
  date: z.string(),
  device: z.string(),
  command: z.string(),
});
export type Finding = z.infer<typeof Finding>;
const Findings = z.record(z.string(), Finding);
export type Findings = z.infer<typeof Findings>;

const json = 'docs/faithfulness.json';
const document = 'docs/faithfulness.md';

export const describeDevice = (): string => `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;

export function readFindings(): Findings {
  try {
    return Findings.parse(JSON.parse(readFileSync(json, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** What is known by now, with these added: several commands may be at work side by side. Whole or not at all: a kill between two rows loses nothing. */
export function addFindings(found: Findings, rows: readonly Row[]): void {
  const findings = { ...readFindings(), ...found };
  write(json, `${JSON.stringify(findings, null, 2)}\n`);
  write(document, describe(findings, rows));
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

/** Four significant digits. */
const digits = (value: number): string => String(Number(value.toPrecision(4)));

function describe(findings: Findings, rows: readonly Row[]): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    '# Faithfulness',
    '',
    'Long proofs against published numbers and exact answers. `npm run faithful` prints its plan, does what is missing and writes this file; `npm run faithful -- mnist` does one family, `--only ID` one row, `--again` repeats what is done. Written by the command: edit the rows in `bench/faithful`, not this file.',
    '',
    ...groups.flatMap((group) => {
      const own = rows.filter((row) => row.group === group);
      return [
        `## ${group}`,
        '',
        '| Row | Measured | Target | Holds |',
        '| --- | --- | --- | --- |',
        ...own.flatMap((row) => lines(row, findings[row.id])),
        '',
        ...own.flatMap((row) => footnote(row, findings[row.id])),
        '',
      ];
    }),
  ].join('\n');
}

function lines(row: Row, finding: Finding | undefined): string[] {
  if (!finding) return [`| ${row.title} | not run yet (about ${row.minutes} min) | | – |`];
  return finding.figures.map(
    ({ name, value, unit, target, holds }, i) =>
      `| ${i === 0 ? row.title : ''} | ${name} ${digits(value)}${unit && ` ${unit}`} | ${target} | ${holds ? 'yes' : '**no**'} |`,
  );
}

function footnote(row: Row, finding: Finding | undefined): string[] {
  const when = finding ? ` ${finding.minutes.toFixed(1)} min on ${finding.date.slice(0, 10)}, ${finding.device}, \`${finding.command}\`.` : '';
  const outdated = finding && finding.how !== row.how ? ` Measured under other settings: ${finding.how}` : '';
  return [`- ${row.title}: ${row.how}${when}${outdated}`];
}
