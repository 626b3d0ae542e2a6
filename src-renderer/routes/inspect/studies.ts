/** @file The experiments of Inspect, in the order of its tabs. Adding one = a line here + a branch in StudyView.svelte. */

const studies = [
  { id: 'evaluate', title: 'Evaluate', task: null },
  { id: 'calibration', title: 'Calibration', task: null },
  { id: 'ood-detection', title: 'Out of distribution', task: 'classification' },
  { id: 'rotation', title: 'Rotation', task: 'classification' },
  { id: 'adversarial', title: 'Adversarial', task: 'classification' },
  { id: 'chains', title: 'Chains', task: null, keptDraws: true },
] as const;

export type StudyId = (typeof studies)[number]['id'];

/** Those that make sense for runs of this task, by a method that keeps draws or not. */
export const studiesFor = (task: 'classification' | 'regression', keepsDraws: boolean) =>
  studies.filter((study) => (study.task === null || study.task === task) && (keepsDraws || !('keptDraws' in study)));
