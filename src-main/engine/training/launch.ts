/** @file How much of a prediction is one launch: as much as keeps the processor busy, no more than memory and the patience of who cancels allow. */
import type { BayesianModel } from './bayesian-model';

export interface Launch {
  readonly rows: number;
  /** Draws computed together, along a leading axis of weights and outputs. */
  readonly draws: number;
}

const most = { rows: 1000, draws: 64 };
/** Numbers in the layers' outputs of one draw: 256 MB. */
const rowNumbers = 64 * 2 ** 20;
/** Numbers in weights and outputs of draws that go together: beyond 16 MB products are so large that nothing is gained. */
const drawNumbers = 4 * 2 ** 20;

/** The launches of `draws` draws on `rows` rows, all of one size. */
export function planLaunch({ size, activations, together }: Pick<BayesianModel, 'size' | 'activations' | 'together'>, rows: number, draws: number): Launch {
  const within = (number: number, limit: number) => Math.max(1, Math.min(Math.floor(number), limit));
  const launchRows = within(rowNumbers / activations, Math.min(rows, most.rows));
  const launchDraws = together ? within(drawNumbers / (size + launchRows * activations), Math.min(draws, most.draws)) : 1;
  return { rows: launchRows, draws: Math.ceil(draws / Math.ceil(draws / launchDraws)) };
}
