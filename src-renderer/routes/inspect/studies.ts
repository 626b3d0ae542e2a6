/** @file The experiments of Inspect, in the order of its tabs. Adding one = a line here + a branch in StudyView.svelte. */

const studies = [
  { id: 'evaluate', title: 'Evaluate', task: null },
  { id: 'calibration', title: 'Calibration', task: null },
  { id: 'ood-detection', title: 'Out of distribution', task: 'classification' },
  { id: 'rotation', title: 'Rotation', task: 'classification' },
  { id: 'adversarial', title: 'Adversarial', task: 'classification' },
] as const;

export type StudyId = (typeof studies)[number]['id'];

/** Those that make sense for runs of this task. */
export const studiesFor = (task: 'classification' | 'regression') => studies.filter((study) => study.task === null || study.task === task);
