/** @file A data folder as a year of work leaves it. */
import { RunSpec } from '../src-main/contract/spec';
import type { RunId } from '../src-main/contract/ids';
import { openDataFolder } from '../src-main/store/data-folder';
import { openDatabase } from '../src-main/store/database';
import { insertRun, updateRun } from '../src-main/store/runs';

const names = ['elbo', 'nll', 'kl', 'trainError', 'sigma'];

export interface Store {
  readonly runs: number;
  /** Rows of metrics of the first two runs, and of each of the others. */
  readonly rows: { readonly first: number; readonly other: number };
}

/** 1,000 finished runs with 5 million rows of metrics. */
export const year: Store = { runs: 1000, rows: { first: 100_000, other: 4810 } };

/** Writes it; returns the first two runs. */
export function makeBigStore(dataDir: string, { runs, rows }: Store): RunId[] {
  const db = openDatabase(openDataFolder(dataDir).database);
  const spec = RunSpec.parse({
    dataset: { id: 'drawn-digits' },
    architecture: {
      name: '1200-1200',
      layers: [{ kind: 'flatten' }, ...[1200, 1200].map((units) => ({ kind: 'dense', settings: { units } })), { kind: 'output' }],
    },
    likelihood: { id: 'categorical' },
    method: { id: 'bbp' },
  });
  try {
    return db.transaction(() => {
      const ids = Array.from({ length: runs }, (_, i) => {
        const { id } = insertRun(db, spec, `Run ${i + 1}`);
        const steps = i < 2 ? rows.first : rows.other;
        const progress = { step: steps, steps, epoch: 10, epochs: 10, speed: 20, eta: 0, message: 'done' };
        updateRun(db, id, {
          status: 'succeeded',
          startedAt: 1000 * i,
          endedAt: 1000 * i + 900,
          progress,
          latest: { elbo: -0.9 - i / 1000, validationError: 0.03 },
        });
        return id;
      });
      db.prepare(
        `WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < ${rows.first})
        INSERT INTO metrics (run, scope, step, row)
        SELECT key, 'step', n, ? FROM runs JOIN step ON n <= CASE WHEN key <= 2 THEN ${rows.first} ELSE ${rows.other} END ORDER BY key, n`,
      ).run(Buffer.from(Float64Array.of(-0.9, 0.25, 32_100, 0.04, 0.02).buffer));
      const name = db.prepare("INSERT INTO metric_names (run, scope, position, name) SELECT key, 'step', ?, ? FROM runs");
      names.forEach((metric, position) => name.run(position, metric));
      return ids.slice(0, 2);
    })();
  } finally {
    db.close();
  }
}
