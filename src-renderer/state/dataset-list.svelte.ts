/** @file Datasets and their state on disk. */
import type { DatasetStatus } from '../../src-main/contract/dataset';
import { call, on, onConnection } from '../rpc/client';

export class DatasetList {
  all = $state.raw<readonly DatasetStatus[]>([]);
  loaded = $state(false);

  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('dataset.changed', (changed) => {
        const known = this.all.some(({ id }) => id === changed.id);
        this.all = known ? this.all.map((dataset) => (dataset.id === changed.id ? changed : dataset)) : [...this.all, changed];
      }),
      onConnection((connection) => {
        if (connection === 'open') this.refresh().catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async refresh(): Promise<void> {
    this.all = await call('datasets.list');
    this.loaded = true;
  }

  get(id: string): DatasetStatus | undefined {
    return this.all.find((dataset) => dataset.id === id);
  }
}
