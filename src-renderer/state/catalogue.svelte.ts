/** @file What the registries and the imported tables offer; read at each connection. */
import type { Catalogue } from '../../src-main/contract/catalogue';
import { call, onConnection } from '../rpc/client';

export class CatalogueState {
  value = $state.raw<Catalogue | null>(null);

  listen(fail: (error: unknown) => void): () => void {
    return onConnection((connection) => {
      if (connection === 'open') this.refresh().catch(fail);
    });
  }

  /** Also after an import: imported tables are in it. */
  async refresh(): Promise<void> {
    this.value = await call('catalogue.get');
  }

  method(id: string) {
    return this.value?.methods.find((entry) => entry.id === id);
  }
  dataset(id: string) {
    return this.value?.datasets.find((entry) => entry.id === id);
  }
}
