/** @file Calls and events between window and main process; preload.ts is the other end. */
import { BrowserWindow, ipcMain } from 'electron';
import { reportError } from '../contract/errors';
import type { Emit } from '../contract/rpc';
import { appOrigin } from './scheme';

/** Answers `{ output }` or `{ error }`, to the top frame of the app's own page only. */
export function serveBridge(call: (procedure: string, input: unknown) => Promise<unknown>): void {
  ipcMain.handle('credence:call', async (event, procedure: unknown, input: unknown) => {
    const { senderFrame } = event;
    if (!senderFrame || senderFrame.origin !== appOrigin || senderFrame.parent !== null)
      return { error: { code: 'unauthorised', message: 'Only the window of Credence may call.' } };
    try {
      return { output: await call(String(procedure), input) };
    } catch (error) {
      return { error: reportError(error) };
    }
  });
}

export const emitToWindows: Emit = (event, payload) => {
  for (const { webContents } of BrowserWindow.getAllWindows()) if (!webContents.isDestroyed()) webContents.send('credence:event', event, payload);
};
