/** @file Cross-validations and the fits of those that are looked at, kept current by events. */
import type { CrossValidation, Fit } from '../../src-main/contract/cross-validation';
import type { CrossValidationId } from '../../src-main/contract/ids';
import { call, on, onConnection } from '../rpc/client';

export class CrossValidationList {
  #all = $state.raw<readonly CrossValidation[]>([]);
  #fits = $state.raw<Readonly<Record<CrossValidationId, readonly Fit[]>>>({});
  loaded = $state(false);
  /** Newest first. */
  readonly all = $derived(this.#all.toSorted((a, b) => b.createdAt - a.createdAt));

  listen(fail: (error: unknown) => void): () => void {
    const stops = [
      on('crossValidation.changed', (changed) => this.put(changed)),
      on('crossValidation.removed', (id) => {
        this.#all = this.#all.filter((one) => one.id !== id);
      }),
      onConnection((connection) => {
        if (connection === 'open') this.refresh().catch(fail);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async refresh(): Promise<void> {
    this.#all = await call('crossValidations.list');
    this.loaded = true;
  }

  get(id: CrossValidationId): CrossValidation | undefined {
    return this.#all.find((one) => one.id === id);
  }

  /** Those known so far: see `readFits`. */
  fits(id: CrossValidationId): readonly Fit[] {
    return this.#fits[id] ?? [];
  }

  async readFits(id: CrossValidationId): Promise<void> {
    const fits = await call('crossValidations.fits', id);
    this.#fits = { ...this.#fits, [id]: fits };
  }

  put(changed: CrossValidation): void {
    this.#all = [...this.#all.filter(({ id }) => id !== changed.id), changed];
  }
}
