/** @file Entry of the desktop app: Credence in Electron's window. The only file that wires Electron to the rest. */
import { app, dialog, shell } from 'electron';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportError, WorkbenchError } from './contract/errors';
import { Run } from './contract/run';
import { Settings } from './contract/settings';
import { openWorkbench } from './host/workbench';
import { emitToWindows, serveBridge } from './shell/bridge';
import { setMenu } from './shell/menu';
import { guardQuit } from './shell/quit';
import { registerScheme, serveScheme } from './shell/scheme';
import { keepAwake } from './shell/sleep';
import { openWindow, showWindow } from './shell/window';
import { resolveDataFolder } from './store/data-folder';

const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } }, strict: false });
const dataDir = typeof values['data-dir'] === 'string' ? values['data-dir'] : undefined;

async function start(): Promise<void> {
  const workbench = await openWorkbench({
    dataDir,
    out: import.meta.dirname,
    mode: 'electron',
    port: 0,
    openFolder: async (path) => (await shell.openPath(path)) === '',
  });
  const { call, app: credence } = workbench;
  serveScheme(workbench.handler);
  serveBridge(call);
  workbench.listen(emitToWindows);
  workbench.listen(keepAwake(Settings.parse(await call('settings.get', null)).preventSleep));
  setMenu({ logFolder: credence.folder.logs, diagnostics: async () => String(await call('app.diagnostics', null)) });
  guardQuit({
    training: async () =>
      Run.array()
        .parse(await call('runs.list', {}))
        .flatMap(({ status, name }) => (status === 'running' || status === 'paused' ? [name] : [])),
    close: () => workbench.close(),
  });
  const open = () =>
    openWindow({
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      onRendererLost: (reason) => credence.reportCrash(new Error(`The window's process ended: ${reason}`), 'renderer'),
    });
  app.on('second-instance', () => showWindow(open));
  app.on('activate', () => showWindow(open));
  open();
}

/** Another process, such as a command line, may own the folder: then its address is offered. */
async function explain(error: unknown): Promise<void> {
  const url = error instanceof WorkbenchError ? error.details?.['url'] : undefined;
  const canOpen = typeof url === 'string';
  const { response } = await dialog.showMessageBox({
    type: canOpen ? 'info' : 'error',
    message: canOpen ? 'Credence is already running on this data folder.' : 'Credence could not start.',
    detail: canOpen ? 'A command line is using it. It can be opened in the browser.' : reportError(error).message,
    buttons: canOpen ? ['Open in browser', 'Close'] : ['Close'],
    cancelId: canOpen ? 1 : 0,
  });
  if (canOpen && response === 0) await shell.openExternal(url);
  app.exit(canOpen ? 0 : 1);
}

registerScheme();
app.setPath('userData', join(resolveDataFolder(dataDir), 'electron'));
// Awaiting readiness at the top of an ES module would hang for ever (electron#40719).
if (app.requestSingleInstanceLock()) app.whenReady().then(start).catch(explain);
else app.quit();
