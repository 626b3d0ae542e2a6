/** @file Many steps of a method in the app: its memory must not grow once it has warmed up. */
import { readFileSync } from 'node:fs';
import { isIn, until } from '../../e2e/runs';
import type { Run } from '../../src-main/contract/run';
import type { InferenceMethod } from '../../src-main/engine/inference/method';
import { withHost } from './host';
import type { Part } from './part';
import { smallRun } from './small-run';

const largestGrowth = 0.05;
/** Until then compiled code, SQLite's pages and the garbage collector's spaces still grow: MAP has 239 MiB after 3,500 steps, 258 after 15,000, and 236 at the end of 100,000. */
const warmUp = 8000; // steps
const pageBytes = 4096;
const samplingInterval = 100; // ms

/** Bytes in memory of a process, as Linux counts them. */
const residentBytes = (pid: number): number => pageBytes * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

export const manySteps = (method: InferenceMethod, steps: number): Part => ({
  id: `steps/${method.id}`,
  how: `${method.title}: ${steps} steps in the app, the first ${warmUp} of them to warm up`,
  minutes: steps / 40_000,
  run: (context) =>
    withHost(context.entry, async (host) => {
      const client = await host.connect();
      const { id } = await client.call('runs.create', smallRun(method, steps));
      const samples: { fraction: number; bytes: number }[] = [];
      const look = ({ progress }: Run) => {
        if (progress && progress.steps > 0) samples.push({ fraction: progress.step / progress.steps, bytes: residentBytes(host.pid) });
        if (progress) context.show(`${method.title}: step ${progress.step} of ${progress.steps}, ${Math.round(progress.speed)} steps/s`);
      };
      const watch = setInterval(() => void client.call('runs.get', id).then(look, () => undefined), samplingInterval);
      const run = await until(client, id, isIn('succeeded')).finally(() => clearInterval(watch));
      look(run);
      const within = (from: number, to: number) => median(samples.filter(({ fraction }) => fraction >= from && fraction < to).map(({ bytes }) => bytes));
      const warm = Math.min(0.5, warmUp / steps);
      const [before, after] = [within(warm, warm + 0.15), within(0.85, 1)];
      const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
      await client.close();
      return [
        {
          name: `${method.title}, ${run.progress!.step} steps: memory when warm, and at the end`,
          value: `${mebibytes(before)}, ${mebibytes(after)} (${(100 * (after / before - 1)).toFixed(1)} %)`,
          limit: `at most ${100 * largestGrowth} % more`,
          holds: after <= before * (1 + largestGrowth),
        },
      ];
    }),
});
