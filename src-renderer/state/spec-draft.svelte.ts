/** @file The run being put together in the launcher. It outlives navigation; duplicating a run fills it. */
import type { Catalogue } from '../../src-main/contract/catalogue';
import { completeSpec, recommendedSettings } from '../../src-main/contract/complete-spec';
import type { DatasetStatus } from '../../src-main/contract/dataset';
import type { Run } from '../../src-main/contract/run';
import { RunSpec, type Component, type SpecProblem } from '../../src-main/contract/spec';
import { call } from '../rpc/client';

const checkAfter = 250; // ms without a change

/** A runnable spec: what the dataset recommends with the given method, else the first Bayesian one. */
export const defaultSpec = (catalogue: Catalogue, dataset: DatasetStatus, method?: string): RunSpec =>
  RunSpec.parse(completeSpec({ dataset: { id: dataset.id }, ...(method && { method: { id: method } }) }, catalogue));

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

  /** The same network and data with the first Bayesian method, which starts from the run's weights by MOPED. */
  makeBayesian(catalogue: Catalogue, run: Run, dataset: DatasetStatus): void {
    const fresh = defaultSpec(catalogue, dataset);
    this.duplicate(run);
    if (!this.spec) return;
    this.spec.from = run.id;
    this.spec.method = { ...fresh.method, settings: { ...fresh.method.settings, moped: 'posterior' } };
    if (run.spec.prior.id === 'flat') this.spec.prior = fresh.prior; // no divergence to a flat one exists
  }

  /** Random weights instead of another run's, which MOPED would ask for. */
  forgetWeights(): void {
    if (!this.spec) return;
    delete this.spec.from;
    delete this.spec.method.settings['moped'];
  }

  start(catalogue: Catalogue, dataset: DatasetStatus): void {
    this.origin = null;
    this.spec = defaultSpec(catalogue, dataset);
  }

  /** Changes the dataset, and the likelihood with it. Data of another task or shape bring their architecture, prior, training and settings of the method too. */
  chooseDataset(catalogue: Catalogue, dataset: DatasetStatus, old: DatasetStatus | undefined): void {
    if (!this.spec) return this.start(catalogue, dataset);
    const fresh = defaultSpec(catalogue, dataset, this.spec.method.id);
    this.spec.dataset = fresh.dataset;
    this.spec.likelihood = fresh.likelihood;
    if (old?.task === dataset.task && old.inputShape.join() === dataset.inputShape.join()) return;
    this.spec.architecture = fresh.architecture;
    this.spec.prior = fresh.prior;
    this.spec.training = fresh.training;
    this.spec.method = fresh.method;
  }

  /** Takes a method's settings; another method starts from what the dataset recommends for it. */
  setMethod(catalogue: Catalogue, method: Component): void {
    if (!this.spec) return;
    const entry = catalogue.methods.find(({ id }) => id === method.id);
    const recommended = method.id === this.spec.method.id ? {} : recommendedSettings(catalogue, this.spec.dataset.id, entry);
    this.spec.method = { ...method, settings: { ...recommended, ...method.settings } };
  }

  /** A copy without reactivity, fit to be sent. */
  plain(): unknown {
    return $state.snapshot(this.spec as unknown); // the type of JSON is too deep for the compiler
  }

  /** Asks for problems once the user pauses. In an effect it depends on every setting. Later questions win. */
  check(fail: (error: unknown) => void): void {
    const document = this.plain();
    clearTimeout(this.#timer);
    this.checking = true;
    this.#timer = setTimeout(() => this.#ask(document).catch(fail), checkAfter);
  }

  async #ask(document: unknown): Promise<void> {
    const asked = ++this.#checks;
    const parsed = RunSpec.safeParse(document);
    const problems = parsed.success
      ? await call('specs.check', parsed.data)
      : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    if (asked !== this.#checks) return;
    this.problems = problems;
    this.checking = false;
  }
}
