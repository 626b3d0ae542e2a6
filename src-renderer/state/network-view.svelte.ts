/** @file The draft's network as main describes it: shapes and counts that follow every edit. */
import type { NetworkDescription } from '../../src-main/contract/architecture';
import { RunSpec } from '../../src-main/contract/spec';
import { call } from '../rpc/client';

export class NetworkView {
  /** Of the last document that could be described; null before. */
  described = $state.raw<NetworkDescription | null>(null);
  #asked = 0;

  /** In an effect it depends on every part of the document. Later questions win. */
  async ask(document: unknown): Promise<void> {
    const parsed = RunSpec.safeParse(document);
    if (!parsed.success) return; // the check says what is wrong
    const asked = ++this.#asked;
    const described = await call('specs.describe', parsed.data);
    if (asked === this.#asked) this.described = described;
  }
}
