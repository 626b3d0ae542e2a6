import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkbenchError } from '../contract/errors';
import { Settings } from '../contract/settings';

/** A stand-in for Electron: enough of each part to see what the shell asks of it. */
const electron = vi.hoisted(() => {
  const handlers = new Map<string, (event: unknown, ...rest: unknown[]) => Promise<unknown>>();
  const listeners = new Map<string, ((...values: never[]) => void)[]>();
  return {
    handlers,
    listeners,
    answer: 0,
    quits: 0,
    blockers: [] as number[],
    windows: [] as {
      options: { webPreferences: Record<string, unknown> };
      webContents: EventEmitter & { reloads: number; openHandler?: (details: { url: string }) => unknown };
    }[],
    scheme: undefined as ((request: Request) => Promise<Response>) | undefined,
  };
});

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class WebContents extends Emitter {
    reloads = 0;
    openHandler?: (details: { url: string }) => unknown;
    session = { setPermissionRequestHandler: () => {} };
    setWindowOpenHandler(handler: (details: { url: string }) => unknown) {
      this.openHandler = handler;
    }
    reload() {
      this.reloads++;
    }
  }
  class BrowserWindow extends Emitter {
    webContents = new WebContents();
    constructor(readonly options: { webPreferences: Record<string, unknown> }) {
      super();
      electron.windows.push(this);
    }
    loadURL = async () => {};
    static getAllWindows = () => [];
  }
  return {
    BrowserWindow,
    ipcMain: { handle: (channel: string, handler: (event: unknown, ...rest: unknown[]) => Promise<unknown>) => electron.handlers.set(channel, handler) },
    app: {
      on: (event: string, listener: (...values: never[]) => void) => electron.listeners.set(event, [...(electron.listeners.get(event) ?? []), listener]),
      quit: () => electron.quits++,
      exit: () => {},
    },
    dialog: { showMessageBox: async () => ({ response: electron.answer }) },
    powerSaveBlocker: { start: () => electron.blockers.push(1), stop: () => electron.blockers.pop() },
    protocol: {
      handle: (_scheme: string, handler: (request: Request) => Promise<Response>) => (electron.scheme = handler),
      registerSchemesAsPrivileged: () => {},
    },
    shell: { openExternal: async () => {} },
  };
});

const { serveBridge } = await import('./bridge');
const { guardQuit } = await import('./quit');
const { keepAwake } = await import('./sleep');
const { serveScheme } = await import('./scheme');
const { openWindow } = await import('./window');

beforeEach(() => {
  electron.handlers.clear();
  electron.listeners.clear();
  electron.quits = 0;
  electron.windows.length = 0;
});

describe('the bridge', () => {
  const call = async (frame: unknown, procedure = 'runs.list') => {
    serveBridge(async (name) => {
      if (name !== 'runs.list') throw new WorkbenchError('not-found', 'no such run');
      return [];
    });
    return electron.handlers.get('credence:call')!({ senderFrame: frame }, procedure, {});
  };
  const page = { origin: 'app://credence', parent: null };

  it('answers the page of the app', async () => expect(await call(page)).toEqual({ output: [] }));
  it('keeps the code of an error', async () => expect(await call(page, 'runs.get')).toEqual({ error: { code: 'not-found', message: 'no such run' } }));
  it.each([
    ['another origin', { origin: 'https://evil.example', parent: null }],
    ['a frame inside the page', { origin: 'app://credence', parent: page }],
    ['a frame that is gone', null],
  ])('refuses %s', async (_what, frame) => expect(await call(frame)).toMatchObject({ error: { code: 'unauthorised' } }));
});

describe('app://', () => {
  it.each([
    ['app://credence/', {}, 200],
    ['app://elsewhere/', {}, 403],
    ['app://credence/files', { origin: 'https://evil.example' }, 403],
  ])('answers %s with headers %o by %i', async (url, headers, status) => {
    serveScheme(async () => new Response('ok'));
    expect((await electron.scheme!(new Request(url, { headers }))).status).toBe(status);
  });
});

describe('the window', () => {
  const open = (lost: string[] = []) => {
    openWindow({ preload: '/preload.cjs', onRendererLost: (reason) => lost.push(reason) });
    return electron.windows[0]!;
  };

  it('is sandboxed and isolated', () =>
    expect(open().options.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true }));

  it('opens no window and goes nowhere else', () => {
    const { webContents } = open();
    expect(webContents.openHandler!({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' });
    const event = { preventDefault: vi.fn() };
    webContents.emit('will-navigate', event, 'https://evil.example/');
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });

  it('reloads a lost renderer once, and reports each loss', () => {
    const lost: string[] = [];
    const { webContents } = open(lost);
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reloads).toBe(1);
    expect(lost).toEqual(['crashed', 'crashed']);
  });
});

describe('quitting', () => {
  const quit = async (training: string[], answer: number) => {
    const close = vi.fn(async () => {});
    electron.answer = answer;
    guardQuit({ training: async () => training, close });
    const event = { preventDefault: vi.fn() };
    for (const listener of electron.listeners.get('before-quit') ?? []) listener(event as never);
    await vi.waitFor(() => expect(event.preventDefault).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve));
    return close;
  };

  it('closes at once when nothing trains', async () => {
    expect(await quit([], 1)).toHaveBeenCalledOnce();
    expect(electron.quits).toBe(1);
  });
  it('stops with a checkpoint when asked to', async () => expect(await quit(['digits'], 0)).toHaveBeenCalledOnce());
  it('stays when asked to', async () => {
    expect(await quit(['digits'], 1)).not.toHaveBeenCalled();
    expect(electron.quits).toBe(0);
  });
  it('asks while the window is still open', () => {
    guardQuit({ training: async () => [], close: async () => {} });
    const window = new EventEmitter();
    for (const listener of electron.listeners.get('browser-window-created') ?? []) (listener as (event: unknown, window: unknown) => void)({}, window);
    const event = { preventDefault: vi.fn() };
    window.emit('close', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(electron.quits).toBe(1);
  });
});

describe('sleep', () => {
  it('is blocked while a run trains and the setting allows it', () => {
    const hear = keepAwake(true);
    const change = (id: string, status: string) => hear('run.changed', { id, status } as never);
    change('run-aaaa', 'running');
    change('run-bbbb', 'running');
    change('run-aaaa', 'succeeded');
    expect(electron.blockers).toHaveLength(1);
    hear('settings.changed', Settings.parse({ preventSleep: false }));
    expect(electron.blockers).toHaveLength(0);
    hear('settings.changed', Settings.parse({}));
    expect(electron.blockers).toHaveLength(1);
    change('run-bbbb', 'paused');
    expect(electron.blockers).toHaveLength(0);
  });
});
