/** @file npm run pretrain: the models of resources/pretrained that are missing or were made under other settings, one after the other; --check measures them all anew. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256Of } from '../../src-main/artifacts/artifact';
import { formatDuration, formatNumber } from '../../src-main/cli/progress';
import { PretrainedCard, type PretrainedMetrics } from '../../src-main/contract/pretrained';
import { RunSpec } from '../../src-main/contract/spec';
import { openWorkbench, type Workbench } from '../faithful/workbench';
import { checkModel } from './check';
import { makeModel } from './make';
import { models } from './models';
import type { PretrainedModel } from './recipe';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' }, // comma-separated ids
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    threads: { type: 'string', default: '0' },
    'data-dir': { type: 'string', default: '.cache/pretrain' },
  },
});

const folder = resolve('resources/pretrained');

function choose(): readonly PretrainedModel[] {
  const ids = flags.only?.split(',');
  const unknown = ids?.find((id) => !models.some((model) => model.id === id));
  if (unknown !== undefined) throw new Error(`There is no model ${unknown}; there are ${models.map(({ id }) => id).join(', ')}.`);
  return models.filter(({ id }) => !ids || ids.includes(id));
}

function readCard(id: string): PretrainedCard | null {
  const path = join(folder, `${id}.json`);
  return existsSync(path) ? PretrainedCard.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

/** Whether its file is there, whole, and of these very settings. */
function isMade({ id, title, spec }: PretrainedModel): boolean {
  const card = readCard(id);
  if (!card) return false;
  const settings = ({ compute: _compute, ...rest }: RunSpec) => JSON.stringify(rest);
  const path = join(folder, card.file.name);
  return settings(card.spec) === settings(RunSpec.parse({ ...spec, name: title })) && existsSync(path) && sha256Of(readFileSync(path)) === card.file.sha256;
}

const describe = (metrics: PretrainedMetrics): string =>
  metrics.task === 'classification'
    ? `test error ${(100 * metrics.error).toFixed(2)} %, NLL ${formatNumber(metrics.nll)}, ECE ${(100 * metrics.ece).toFixed(2)} %`
    : `RMSE ${formatNumber(metrics.rmse)}, NLL ${formatNumber(metrics.nll)}, ${(100 * metrics.coverage).toFixed(0)} % in the 90 % interval`;

function printPlan(chosen: readonly PretrainedModel[], waiting: readonly PretrainedModel[]): void {
  for (const model of chosen)
    console.log(`${waiting.includes(model) ? `${String(model.minutes).padStart(3)} min` : '✓ there '}  ${model.id.padEnd(30)} ${model.title}`);
  const minutes = waiting.reduce((total, model) => total + model.minutes, 0);
  console.log(`In all about ${formatDuration(60 * minutes)} on two cores. Ctrl-C stops with a checkpoint; the same command goes on.\n`);
}

async function make(workbench: Workbench, model: PretrainedModel): Promise<void> {
  const { metrics, file } = await makeModel(workbench, model, folder);
  workbench.say(`  ${(file.bytes / 1e6).toFixed(2)} MB, ${describe(metrics)}`);
}

async function check(workbench: Workbench, { id }: PretrainedModel): Promise<void> {
  const card = readCard(id);
  if (!card) throw new Error('it is not there; npm run pretrain makes it');
  workbench.say(`  as its card says: ${describe(await checkModel(workbench, card))}`);
}

async function main(): Promise<void> {
  const chosen = choose();
  const waiting = flags.check ? chosen : chosen.filter((model) => flags.again || !isMade(model));
  printPlan(chosen, waiting);
  if (flags.list) return;
  mkdirSync(folder, { recursive: true });
  const workbench = await openWorkbench(flags['data-dir'], { models: folder });
  await workbench.call('settings.update', { threads: Number(flags.threads) });
  let stopping = false;
  process.once('SIGINT', () => {
    stopping = true;
    workbench.say('Stopping with a checkpoint …');
    void workbench.close().then(() => process.exit(130));
  });
  let failed = 0;
  for (const model of waiting) {
    if (stopping) return;
    workbench.say(`${model.id}: ${model.title}`);
    try {
      await (flags.check ? check : make)(workbench, model);
    } catch (error) {
      if (stopping) return;
      failed++;
      workbench.say(`  failed: ${error instanceof Error ? error.message : String(error)}`);
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
