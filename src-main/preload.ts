/** @file All that a sandboxed window may do: call a procedure, hear of events. Never edited for a new procedure. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';

contextBridge.exposeInMainWorld('credence', {
  call: (procedure: string, input: unknown): Promise<unknown> => ipcRenderer.invoke('credence:call', procedure, input),
  on(listener: (event: string, payload: unknown) => void): () => void {
    const forward = (_: IpcRendererEvent, event: string, payload: unknown) => listener(event, payload);
    ipcRenderer.on('credence:event', forward);
    return () => void ipcRenderer.off('credence:event', forward);
  },
});
