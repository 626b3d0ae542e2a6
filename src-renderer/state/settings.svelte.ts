/** @file The application's settings, and the theme they ask for. */
import { Settings, type SettingsChange } from '../../src-main/contract/settings';
import { call, on, onConnection } from '../rpc/client';

export class SettingsState {
  value = $state.raw<Settings>(Settings.parse({}));
  #systemDark = $state(false);
  readonly theme = $derived(this.value.theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.value.theme);

  listen(fail: (error: unknown) => void): () => void {
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = () => {
      this.#systemDark = system.matches;
    };
    follow();
    system.addEventListener('change', follow);
    const stops = [
      () => system.removeEventListener('change', follow),
      on('settings.changed', (settings) => {
        this.value = settings;
      }),
      onConnection((connection) => {
        if (connection === 'open') this.#read().catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async #read(): Promise<void> {
    this.value = await call('settings.get');
  }

  async update(change: SettingsChange): Promise<void> {
    this.value = await call('settings.update', change);
  }
}
