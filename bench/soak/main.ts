/** @file npm run soak: the parts that are not done yet, one after the other; each is written down as it ends. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kills, stops } from './interruptions';
import type { Part } from './part';
import { readFindings, writeFindings } from './report';
import { methods } from './small-run';
import { manySteps } from './steps';

const show = (line: string) => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 100) - 1)}`));

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      steps: { type: 'string', default: '20000' },
      stops: { type: 'string', default: '200' },
      kills: { type: 'string', default: '200' },
      only: { type: 'string' }, // comma-separated: steps, stops, kills, steps/map …
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      app: { type: 'string', default: 'out/main' },
    },
  });
  const entry = resolve(flags.app, 'host.js');
  if (process.platform !== 'linux') throw new Error('The soak reads processes and their memory from /proc; run it on Linux.');
  if (!existsSync(entry)) throw new Error('The app is not built: npm run build comes first.');
  const all: Part[] = [...methods.map((method) => manySteps(method, Number(flags.steps))), stops(Number(flags.stops)), kills(Number(flags.kills))];
  const families = flags.only?.split(',');
  const parts = all.filter(({ id }) => !families || families.some((family) => id === family || id.startsWith(`${family}/`)));
  const findings = readFindings();
  const isDone = ({ id, how }: Part): boolean => findings[id]?.how === how && findings[id].figures.every(({ holds }) => holds);
  const missing = parts.filter((part) => flags.again || !isDone(part));
  for (const part of parts)
    console.log(`${missing.includes(part) ? `${part.minutes.toFixed(1).padStart(5)} min` : '   ✓ done'}  ${part.id.padEnd(32)} ${part.how}`);
  console.log(
    `About ${missing.reduce((total, { minutes }) => total + minutes, 0).toFixed(0)} min on two cores. Ctrl-C ends it; the same command goes on after the parts that are done.\n`,
  );
  if (flags.list) return;
  for (const part of missing) {
    const start = performance.now();
    const figures = await part
      .run({ entry, show })
      .catch((error: unknown) => [{ name: part.how, value: error instanceof Error ? error.message : String(error), limit: 'runs to its end', holds: false }]);
    findings[part.id] = { how: part.how, figures: [...figures], minutes: (performance.now() - start) / 60_000, date: new Date().toISOString() };
    writeFindings(findings, all);
    show('');
    for (const { name, value, limit, holds } of figures) console.log(`${holds ? 'holds' : 'FAILS'}  ${name}: ${value} (${limit})`);
    if (figures.some(({ holds }) => !holds)) process.exitCode = 1;
  }
}

// Not a top-level await: the chunks of the bundle import this module and would wait for it.
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
