/** @file Quitting while runs train asks first; then everything is stopped with a checkpoint and closed. */
import { app, dialog } from 'electron';

export interface QuitOptions {
  /** Names of the runs that are training. */
  readonly training: () => Promise<readonly string[]>;
  /** Stops all runs with a checkpoint and closes the data folder. */
  readonly close: () => Promise<void>;
}

export function guardQuit({ training, close }: QuitOptions): void {
  let phase: 'open' | 'asking' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (phase === 'closed') return;
    event.preventDefault();
    if (phase === 'asking') return;
    phase = 'asking';
    void leave().then(
      (left) => {
        phase = left ? 'closed' : 'open';
        if (left) app.quit();
      },
      () => app.exit(1), // closing failed and was logged; checkpoints are on disk
    );
  });

  // Closing the window is quitting, and must ask while there is still a window to stay in.
  app.on('browser-window-created', (_event, window) => {
    window.on('close', (event) => {
      if (phase === 'closed') return;
      event.preventDefault();
      app.quit();
    });
  });

  async function leave(): Promise<boolean> {
    const runs = await training();
    if (runs.length > 0) {
      const { response } = await dialog.showMessageBox({
        type: 'question',
        message: runs.length === 1 ? `“${runs[0]}” is training.` : `${runs.length} runs are training.`,
        detail: 'Each can be stopped with a checkpoint and go on later from there.',
        buttons: ['Stop with checkpoint', 'Stay'],
        defaultId: 1,
        cancelId: 1,
      });
      if (response === 1) return false;
    }
    await close();
    return true;
  }
}
