/** @file What can compute here, as last heard. */
import type { DeviceReport } from '../../src-main/contract/device';
import { call, on, onConnection } from '../rpc/client';

export class Devices {
  all = $state.raw<readonly DeviceReport[]>([]);
  readonly testing = $derived(this.all.some(({ testing }) => testing));

  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('devices.changed', (reports) => {
        this.all = reports;
      }),
      onConnection((connection) => {
        if (connection === 'open') this.#read().catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** All of them, or only what is not known yet. */
  async test({ again }: { readonly again: boolean }): Promise<void> {
    this.all = await call('devices.test', { again });
  }

  async #read(): Promise<void> {
    this.all = await call('devices.list');
  }
}
