/** @file The run being put together in the launcher. It outlives navigation; duplicating a run fills it. */
import type { Catalogue } from '../../src-main/contract/catalogue';
import type { Run } from '../../src-main/contract/run';
import { RunSpec, type SpecProblem } from '../../src-main/contract/spec';
import { call } from '../rpc/client';

const checkAfter = 250; // ms without a change

type Entry = Catalogue['datasets'][number];

/** A runnable spec: the dataset's recommendations and the first Bayesian method. */
export function defaultSpec(catalogue: Catalogue, dataset: Entry): RunSpec {
  const method = catalogue.methods.find(({ randomDraws }) => randomDraws) ?? catalogue.methods[0];
  return RunSpec.parse({
    dataset: { id: dataset.id },
    architecture: presetOf(catalogue, dataset),
    likelihood: { id: dataset.recommended.likelihood },
    method: { id: method?.id },
    training: dataset.recommended.training,
  });
}

const presetOf = (catalogue: Catalogue, dataset: Entry) =>
  (catalogue.presets.find(({ id }) => id === dataset.recommended.architecture) ?? catalogue.presets[0])?.architecture;

export class SpecDraft {
  spec = $state<RunSpec | null>(null);
  /** The run this draft was duplicated from. */
  origin = $state.raw<Run | null>(null);
  problems = $state.raw<readonly SpecProblem[]>([]);
  checking = $state(false);
  #checks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts afresh from a stored run. */
  duplicate(run: Run): void {
    this.origin = run;
    this.spec = structuredClone({ ...run.spec, name: '' });
  }

  start(catalogue: Catalogue, dataset: Entry): void {
    this.origin = null;
    this.spec = defaultSpec(catalogue, dataset);
  }

  /** Changes the dataset; architecture, likelihood and training follow its recommendations unless the old ones still fit. */
  chooseDataset(catalogue: Catalogue, dataset: Entry): void {
    if (!this.spec) return this.start(catalogue, dataset);
    const old = catalogue.datasets.find(({ id }) => id === this.spec?.dataset.id);
    const fits = old?.task === dataset.task && old.inputShape.join() === dataset.inputShape.join();
    const fresh = defaultSpec(catalogue, dataset);
    this.spec.dataset = fresh.dataset;
    if (fits) return;
    this.spec.architecture = fresh.architecture;
    this.spec.likelihood = fresh.likelihood;
    this.spec.training = { ...this.spec.training, ...dataset.recommended.training };
  }

  /** Asks for problems once the user pauses; call it at each change. Later questions win. */
  check(fail: (error: unknown) => void): void {
    clearTimeout(this.#timer);
    this.checking = true;
    this.#timer = setTimeout(() => this.#ask().catch(fail), checkAfter);
  }

  async #ask(): Promise<void> {
    const asked = ++this.#checks;
    const parsed = RunSpec.safeParse($state.snapshot(this.spec));
    const problems = parsed.success
      ? await call('specs.check', parsed.data)
      : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    if (asked !== this.#checks) return;
    this.problems = problems;
    this.checking = false;
  }
}
