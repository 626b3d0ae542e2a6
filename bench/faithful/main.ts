/** @file npm run faithful: the rows that are not done yet, one after the other; each is written down as it ends. */
import { parseArgs } from 'node:util';
import { formatDuration } from '../../src-main/cli/progress';
import { addFindings, describeDevice, readFindings } from './report';
import type { Row } from './row';
import { rows } from './rows';
import { openWorkbench } from './workbench';

const readFlags = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' }, // comma-separated ids
      method: { type: 'string' },
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: '.cache/faithful' },
    },
  });

function choose(only: readonly string[] | undefined, method: string | undefined, words: readonly string[]): readonly Row[] {
  const chosen = rows.filter(
    (row) =>
      (!only || only.includes(row.id)) &&
      (!method || row.method === method) &&
      (words.length === 0 || words.some((word) => row.id === word || row.id.startsWith(`${word}/`))),
  );
  if (chosen.length === 0) throw new Error(`No row is so called; there are ${rows.map(({ id }) => id).join(', ')}.`);
  return chosen;
}

function printPlan(plan: readonly Row[], isDone: (row: Row) => boolean): void {
  for (const row of plan) console.log(`${isDone(row) ? '✓ done ' : `${String(row.minutes).padStart(3)} min`}  ${row.id.padEnd(34)} ${row.how}`);
  const minutes = plan.filter((row) => !isDone(row)).reduce((total, row) => total + row.minutes, 0);
  console.log(`In all about ${formatDuration(60 * minutes)} on two cores. Ctrl-C stops with a checkpoint; the same command goes on.\n`);
}

async function main(): Promise<void> {
  const { values: flags, positionals: words } = readFlags();
  const plan = choose(flags.only?.split(','), flags.method, words);
  const findings = readFindings();
  const isDone = (row: Row): boolean => !flags.again && findings[row.id]?.how === row.how;
  printPlan(plan, isDone);
  if (flags.list) return;
  addFindings({}, rows); // rows may have come or gone since
  const workbench = await openWorkbench(flags['data-dir']);
  let stopping = false;
  process.once('SIGINT', () => {
    stopping = true;
    workbench.say('Stopping with a checkpoint …');
    void workbench.close().then(() => process.exit(130));
  });
  const command = `npm run faithful${process.argv
    .slice(2)
    .map((word, i) => (i === 0 ? ` -- ${word}` : ` ${word}`))
    .join('')}`;
  let failed = 0;
  for (const row of plan.filter((row) => !isDone(row))) {
    if (stopping) return;
    workbench.say(`${row.id}: ${row.how}`);
    const start = performance.now();
    try {
      const figures = await row.run(workbench);
      const minutes = (performance.now() - start) / 60_000;
      const finding = { how: row.how, figures: [...figures], minutes, date: new Date().toISOString(), device: describeDevice(), command };
      addFindings({ [row.id]: finding }, rows);
      for (const { name, value, unit, target, holds } of figures)
        workbench.say(`  ${holds ? 'holds' : 'FAILS'}  ${name} ${Number(value.toPrecision(5))} ${unit}  ${target}`);
    } catch (error) {
      if (stopping) return;
      failed++;
      workbench.say(`  not measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await workbench.close();
  if (failed > 0) process.exitCode = 1;
}

// Not a top-level await: the chunks of the bundle import this module and would wait for it.
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
