/** @file The experiments of Inspect besides Evaluate, in the order of their tabs. Adding one = one entry here. */
import type { Component } from 'svelte';
import { Adversarial } from '../../../src-main/contract/adversarial';
import { Calibration } from '../../../src-main/contract/calibration';
import { ChainDiagnosis } from '../../../src-main/contract/chains';
import { OodDetection } from '../../../src-main/contract/ood-detection';
import { PriorPrecision } from '../../../src-main/contract/prior-precision';
import { Quantised } from '../../../src-main/contract/quantisation';
import { Rotation } from '../../../src-main/contract/rotation';
import { Pruning, WeightHistograms } from '../../../src-main/contract/weights';
import type { Provenance } from '../../charts/svg-painter';
import AdversarialResult from './AdversarialResult.svelte';
import CalibrationResult from './CalibrationResult.svelte';
import ChainsResult from './ChainsResult.svelte';
import type { Study } from './inspection.svelte';
import OodResult from './OodResult.svelte';
import PriorPrecisionResult from './PriorPrecisionResult.svelte';
import PruningResult from './PruningResult.svelte';
import QuantisationResult from './QuantisationResult.svelte';
import RotationResult from './RotationResult.svelte';
import WeightsResult from './WeightsResult.svelte';

/** Whom an experiment suits. */
export interface Studied {
  readonly task: 'classification' | 'regression';
  readonly keepsDraws: boolean;
  /** Id of the method. */
  readonly method: string;
}

export interface StudyKind<Result = unknown> extends Study<Result> {
  readonly title: string;
  suits(run: Studied): boolean;
  /** Shown while there is no result. */
  readonly invitation: string;
  readonly view: Component<{ result: Result; provenance: Provenance }>;
  /** What its figures are about, for their captions. */
  subject(result: Result): { readonly dataset: string; readonly draws: number };
}

/** A kind's view only ever meets results that its own schema has parsed, so the list may forget their types. */
const defineStudy = <Result>(kind: StudyKind<Result>): StudyKind => kind as unknown as StudyKind;

const always = () => true;
const classifiers = ({ task }: Studied) => task === 'classification';

const studies: readonly StudyKind[] = [
  defineStudy({
    id: 'calibration',
    title: 'Calibration',
    result: Calibration,
    suits: always,
    invitation: 'See whether the probabilities mean what they say, and repair them on rows that were held out.',
    view: CalibrationResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.rows} test rows`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'ood-detection',
    title: 'Out of distribution',
    result: OodDetection,
    suits: classifiers,
    invitation: 'Show the network images of a kind it has never seen, and see how well its uncertainty tells them from its own test images.',
    view: OodResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.inside.title} against ${run!.outside.title}`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'rotation',
    title: 'Rotation',
    result: Rotation,
    suits: classifiers,
    invitation: 'Turn the test images until they are upside down, and see the network become wrong, and know it or not.',
    view: RotationResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.all.rows} test images, rotated`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'adversarial',
    title: 'Adversarial',
    result: Adversarial,
    suits: classifiers,
    invitation: 'Change the test images a little, so that the network errs, and see whether its uncertainty gives the attack away.',
    view: AdversarialResult,
    subject: ({ attack, runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.rows} test rows, ${attack}`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'weights',
    title: 'Weights',
    result: WeightHistograms,
    suits: always,
    invitation: 'See how the weights of each layer are spread after training, and how unsure the posterior is of them.',
    view: WeightsResult,
    subject: ({ runs: [run] }) => ({ dataset: run!.dataset, draws: run!.draws }),
  }),
  defineStudy({
    id: 'pruning',
    title: 'Pruning',
    result: Pruning,
    suits: classifiers,
    invitation: 'Remove the weights that the posterior is least sure of, and see how many the network needs.',
    view: PruningResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.rows} test rows`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'quantisation',
    title: 'Quantisation',
    result: Quantised,
    suits: always,
    invitation: 'Round weights and activations to 8-bit integers, and see what size, speed and uncertainty become.',
    view: QuantisationResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.rows} test rows`, draws: run!.draws }),
  }),
  defineStudy({
    id: 'chains',
    title: 'Chains',
    result: ChainDiagnosis,
    suits: ({ keepsDraws }) => keepsDraws,
    invitation: 'Follow predictions and weights along the sampler’s chains, and see whether they have found the same posterior.',
    view: ChainsResult,
    subject: ({ runs: [run] }) => ({ dataset: run!.dataset, draws: run!.chains * run!.draws }),
  }),
  defineStudy({
    id: 'prior-precision',
    title: 'Prior precision',
    result: PriorPrecision,
    suits: ({ method }) => method === 'laplace',
    invitation: 'Change the prior’s precision without training anew, and see which one the evidence and the validation rows prefer.',
    view: PriorPrecisionResult,
    subject: ({ runs: [run] }) => ({ dataset: `${run!.dataset}, ${run!.rows} validation rows`, draws: run!.draws }),
  }),
];

export const studiesFor = (run: Studied): readonly StudyKind[] => studies.filter(({ suits }) => suits(run));
