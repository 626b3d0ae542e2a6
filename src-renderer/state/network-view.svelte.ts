/** @file The draft's network as main describes it: shapes and counts that follow every edit. */
import type { NetworkDescription } from '../../src-main/contract/architecture';
import { RunSpec } from '../../src-main/contract/spec';
import { call } from '../rpc/client';

/** ms without an edit after which the time of a step is foretold: the whole step is traced for it. */
const calm = 300;

export class NetworkView {
  /** Of the last document that could be described; null before. */
  described = $state.raw<NetworkDescription | null>(null);
  /** Milliseconds that a training step is expected to take; null while that is not known. */
  stepTime = $state.raw<number | null>(null);
  #asked = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** In an effect it depends on every part of the document. Later questions win. */
  async ask(document: unknown): Promise<void> {
    const parsed = RunSpec.safeParse(document);
    if (!parsed.success) return; // the check says what is wrong
    const asked = ++this.#asked;
    const described = await call('specs.describe', parsed.data);
    if (asked === this.#asked) this.described = described;
  }

  /** The same for the time of a step, once the edits pause. */
  foretell(document: unknown, onerror: (error: unknown) => void): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      const parsed = RunSpec.safeParse(document);
      if (parsed.success) call('specs.stepTime', parsed.data).then((ms) => (this.stepTime = ms), onerror);
    }, calm);
  }
}
