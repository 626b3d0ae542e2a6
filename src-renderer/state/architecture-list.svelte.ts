/** @file The user's own architectures. */
import type { SavedArchitecture } from '../../src-main/contract/architecture';
import type { ArchitectureId } from '../../src-main/contract/ids';
import type { Architecture } from '../../src-main/contract/spec';
import { call, onConnection } from '../rpc/client';

export class ArchitectureList {
  /** By name. */
  all = $state.raw<readonly SavedArchitecture[]>([]);
  loaded = $state(false);

  listen(fail: (error: unknown) => void): () => void {
    return onConnection((connection) => {
      if (connection === 'open') this.refresh().catch(fail);
    });
  }

  async refresh(): Promise<void> {
    this.all = await call('architectures.list');
    this.loaded = true;
  }

  /** Writes over the one of this name, or adds one. */
  async save(architecture: Architecture): Promise<SavedArchitecture> {
    const same = this.all.find((saved) => saved.architecture.name === architecture.name);
    const saved = await call('architectures.save', { id: same?.id ?? null, architecture });
    await this.refresh();
    return saved;
  }

  async remove(id: ArchitectureId): Promise<void> {
    await call('architectures.delete', id);
    await this.refresh();
  }
}
