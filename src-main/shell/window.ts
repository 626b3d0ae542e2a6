/** @file The application's window: sandboxed, confined to app://, brought back when its renderer dies. */
import { app, BrowserWindow, shell } from 'electron';
import { appOrigin } from './scheme';

export interface WindowOptions {
  /** Path of the built preload script. */
  readonly preload: string;
  readonly onRendererLost: (reason: string) => void;
}

/** A renderer that dies again sooner than this, ms, is not reloaded: it would die for ever. */
const reloadPause = 10_000;

export function openWindow({ preload, onRendererLost }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 800,
    minHeight: 560,
    title: 'Credence',
    show: false,
    backgroundColor: '#14171b',
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, spellcheck: false },
  });
  const { webContents } = window;
  window.once('ready-to-show', () => window.show());
  webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(`${appOrigin}/`)) event.preventDefault();
  });
  webContents.session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === 'clipboard-sanitized-write'));
  let lastLoss = -Infinity;
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    onRendererLost(reason);
    const now = Date.now();
    if (now - lastLoss > reloadPause) webContents.reload();
    lastLoss = now;
  });
  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** Brings the window to the front, or opens one where the platform keeps apps without windows. */
export function showWindow(open: () => BrowserWindow): void {
  const [window] = BrowserWindow.getAllWindows();
  if (!window) return void open();
  if (window.isMinimized()) window.restore();
  window.focus();
  app.focus();
}
