/** @file Handlers of `app.*`, `settings.*` and `catalogue.*`. */
import { availableParallelism } from 'node:os';
import type { Catalogue } from '../contract/catalogue';
import type { AppInfo, Emit, Handlers, Notice } from '../contract/rpc';
import type { RunStatus } from '../contract/run';
import type { Inspector } from '../jobs/inspector';
import type { RunQueue } from '../jobs/run-queue';
import { type DataFolder, measureStorage } from '../store/data-folder';
import type { WritableDb } from '../store/database';
import type { Log } from '../store/log';
import { listImportedDatasets } from '../store/imported-datasets';
import { getSettings, updateSettings } from '../store/settings';
import { listRuns } from '../store/runs';

type AppHandlers = Pick<Handlers, Extract<keyof Handlers, `app.${string}` | `settings.${string}` | `catalogue.${string}`>>;

interface Needs {
  readonly db: WritableDb;
  readonly folder: DataFolder;
  readonly log: Log;
  readonly emit: Emit;
  readonly runs: RunQueue;
  readonly inspector: Inspector;
  readonly version: string;
  readonly mode: AppInfo['mode'];
  readonly notices: readonly Notice[];
  /** Opens a folder in the desktop's file manager; false where there is none. */
  openFolder(path: string): Promise<boolean>;
}

export function appHandlers({ db, folder, log, emit, runs, inspector, version, mode, notices, openFolder }: Needs): AppHandlers {
  let known: { readonly imports: string; readonly catalogue: Promise<Catalogue> } | null = null;
  const info = async (): Promise<AppInfo> => ({
    version,
    mode,
    dataDir: folder.root,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    cores: availableParallelism(),
    storage: await measureStorage(folder),
  });

  return {
    'app.info': info,
    'app.notices': () => [...notices],
    'app.openLogFolder': async () => ({ path: folder.logs, opened: await openFolder(folder.logs) }),
    async 'app.diagnostics'() {
      const counts: Partial<Record<RunStatus, number>> = {};
      for (const { status } of listRuns(db, { trash: false })) counts[status] = (counts[status] ?? 0) + 1;
      const report = { ...(await info()), settings: getSettings(db), runs: counts, notices };
      return `${JSON.stringify(report, null, 2)}\n\nLast lines of the log:\n${log.tail(100).join('\n')}\n`;
    },
    'app.reportRendererError': (error) => void log.recordCrash(Object.assign(new Error(error.message), { stack: error.stack }), 'renderer'),
    'settings.get': () => getSettings(db),
    'settings.update'(change) {
      const settings = updateSettings(db, change);
      emit('settings.changed', settings);
      runs.fill(); // there may be room for more
      return settings;
    },
    /** While the app runs, only imports change it; a failed answer is asked for again. */
    'catalogue.get'() {
      const imported = listImportedDatasets(db);
      const imports = imported.map(({ id }) => id).join();
      if (known?.imports !== imports) {
        const catalogue = inspector.ask({ type: 'catalogue', imported }).catch((error: unknown) => {
          known = null;
          throw error;
        });
        known = { imports, catalogue };
      }
      return known.catalogue;
    },
    'catalogue.priorCurve': (prior) => inspector.ask({ type: 'priorCurve', prior }),
  };
}
