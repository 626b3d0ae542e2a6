/** @file The models that come with Credence; read at each connection. */
import type { PretrainedCard } from '../../src-main/contract/pretrained';
import type { Run } from '../../src-main/contract/run';
import { call, onConnection } from '../rpc/client';

export class PretrainedList {
  /** By title. */
  all = $state.raw<readonly PretrainedCard[]>([]);

  listen(fail: (error: unknown) => void): () => void {
    return onConnection((connection) => {
      if (connection === 'open') this.refresh().catch(fail);
    });
  }

  async refresh(): Promise<void> {
    this.all = await call('pretrained.list');
  }

  /** The card of a run that was opened from one. */
  of(run: Pick<Run, 'id'>): PretrainedCard | undefined {
    return this.all.find((card) => card.run === run.id);
  }
}
