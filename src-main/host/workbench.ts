/** @file Credence with its door: the app over one data folder, and the loopback host through which windows and command lines reach it. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openApp, type App } from '../app';
import { WorkbenchError } from '../contract/errors';
import type { AppInfo, Emit } from '../contract/rpc';
import { resolveDataFolder } from '../store/data-folder';
import { describeError } from '../store/log';
import type { Call } from './connection';
import { createHandler, type RequestHandler } from './handler';
import { startHost } from './server';
import { version } from '../../package.json';

export interface WorkbenchOptions {
  /** Folder asked for by `--data-dir`. */
  readonly dataDir: string | undefined;
  /** Folder of the built main process: worker.js lies in it, the renderer beside it. */
  readonly out: string;
  readonly mode: AppInfo['mode'];
  /** 0 = any free port. */
  readonly port: number;
  openFolder?(path: string): Promise<boolean>;
}

export interface Workbench {
  readonly port: number;
  readonly token: string;
  /** Where a browser enters, token inside. */
  readonly url: string;
  readonly app: App;
  readonly call: Call;
  readonly handler: RequestHandler;
  /** Adds a listener to every event. */
  listen(listener: Emit): void;
  /** Stops all runs with a checkpoint; followers see it happen; then closes store and door. */
  close(): Promise<void>;
}

/** Devices that are not known are tested so long after the start, or as soon after that as nothing trains. ms */
const leisure = 15_000;

/** @throws WorkbenchError as `openApp` and `startHost` do */
export async function openWorkbench({ dataDir, out, mode, port, openFolder }: WorkbenchOptions): Promise<Workbench> {
  const listeners = new Set<Emit>();
  const emit: Emit = (event, payload) => listeners.forEach((listener) => listener(event, payload));
  const app = await openApp({
    dataDir: resolveDataFolder(dataDir),
    workerPath: join(out, 'worker.js'),
    version,
    mode,
    emit,
    models: modelsFolder(out),
    ...(openFolder && { openFolder }),
  });
  const { log, folder, reportCrash } = app;
  process.on('uncaughtException', (error, origin) => reportCrash(error, origin)); // also unhandled rejections

  // 'auto' is the CPU until the devices are known.
  const testing = setInterval(() => {
    if (app.activeRuns() > 0) return; // a test would disturb them, and they the test
    clearInterval(testing);
    app.call('devices.test', { again: false }).catch((error: unknown) => log.error('The devices could not be tested', { error: describeError(error) }));
  }, leisure);
  testing.unref();

  let closing = false;
  const call: Call = (procedure, input) =>
    closing ? Promise.reject(new WorkbenchError('cancelled', 'Credence is closing; start it again to go on.')) : app.call(procedure, input);
  const handler = createHandler({ renderer: join(out, '../renderer'), uploads: folder.uploads });
  const token = randomBytes(32).toString('base64url');
  const host = await startHost({
    port,
    token,
    handler,
    call,
    onError: (error) => log.error('The host could not answer', { error: describeError(error) }),
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  listeners.add(host.emit);
  app.publish({ port: host.port, token, url: host.url });
  return {
    port: host.port,
    token,
    url: host.url,
    app,
    call,
    handler,
    listen: (listener) => void listeners.add(listener),
    async close() {
      closing = true;
      clearInterval(testing);
      await app.close();
      await host.close();
    },
  };
}

/** Beside the packaged app, else in the folder that `out` was built in. */
function modelsFolder(out: string): string {
  const { resourcesPath } = process as { resourcesPath?: string }; // Electron's
  const packaged = resourcesPath && join(resourcesPath, 'pretrained');
  return packaged && existsSync(packaged) ? packaged : join(out, '../../resources/pretrained');
}
