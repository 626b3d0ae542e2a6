/**
 * @file The six UCI tables on their 20 standard splits. Networks of one hidden layer of 50 rectified linear units, as in the literature; settings of each
 * grid are chosen by the log-likelihood of 20 % of each training part, then trained again on the whole of it.
 */
import { summarise, type CrossValidationSpecInput, type PublishedResult, type Refit } from '../../src-main/contract/cross-validation';
import type { RunSpecInput } from '../../src-main/contract/spec';
import { publishedUci, type UciName } from '../../src-main/datasets/uci-published';
import { presets } from '../../src-main/engine/nn/presets';
import { atLeast, atMost, type Figure, type Row } from './row';

type Grid = NonNullable<CrossValidationSpecInput['grid']>;

interface Protocol {
  readonly id: string;
  readonly title: string;
  readonly method: RunSpecInput['method'];
  readonly prior: NonNullable<RunSpecInput['prior']>;
  readonly likelihood: RunSpecInput['likelihood'];
  readonly training: { readonly epochs: number; readonly batchSize: number };
  readonly grid: (table: Table) => Grid;
  readonly draws: number;
  /** Row of the literature to be reached, or beaten; null = printed beside PBP without a claim. */
  readonly against: { readonly method: string; readonly claim: 'agree' | 'beat' } | null;
  /** Minutes of all six tables on two cores. */
  readonly minutes: number;
}

interface Table {
  readonly name: UciName;
  readonly title: string;
  /** Precisions of the noise in target units, as in the grids of Gal & Ghahramani. */
  readonly precisions: readonly number[];
  /** Share of a method's minutes, about that of its rows. */
  readonly share: number;
  /** Epochs at most, where rows are so many that fewer serve. */
  readonly mostEpochs?: number;
}

const tables: readonly Table[] = [
  { name: 'housing', title: 'Boston housing', precisions: [0.1, 0.15, 0.2], share: 0.06 },
  { name: 'concrete', title: 'Concrete strength', precisions: [0.025, 0.05, 0.075], share: 0.1 },
  { name: 'energy', title: 'Energy efficiency', precisions: [0.25, 0.5, 0.75], share: 0.08 },
  { name: 'power', title: 'Power plant', precisions: [0.05, 0.1, 0.15], share: 0.56, mostEpochs: 100 },
  { name: 'wine', title: 'Red wine quality', precisions: [2.5, 3, 3.5], share: 0.15 },
  { name: 'yacht', title: 'Yacht resistance', precisions: [0.25, 0.5, 0.75], share: 0.05 },
];

const gaussian = (sd: number) => ({ id: 'gaussian', settings: { sd } });
const adam = { optimiser: 'adam', learningRate: 0.01, rateSchedule: 'cosine' };
const noiseLevels = ({ precisions }: Table): Grid[number] => ({
  paths: ['likelihood.settings.sd'],
  values: precisions.map((precision) => precision ** -0.5),
  targetUnits: true,
});

const noiseOnly = (table: Table): Grid => [noiseLevels(table)];

const protocols: readonly Protocol[] = [
  {
    id: 'mc-dropout',
    title: 'MC dropout',
    // Input dropout too, at one rate with the hidden units; the weight decay of the reference, l²(1 − p)/(2Nτ) with l = 0.01, is next to nothing.
    method: { id: 'mc-dropout', settings: { ...adam } },
    prior: { id: 'flat', settings: {} },
    likelihood: { id: 'gaussian', settings: { noise: 'fixed' } },
    training: { epochs: 400, batchSize: 128 },
    grid: (table) => [{ paths: ['method.settings.rate', 'method.settings.inputRate'], values: [0.005, 0.01, 0.05, 0.1] }, noiseLevels(table)],
    draws: 500,
    against: { method: 'MC dropout', claim: 'agree' },
    minutes: 25,
  },
  {
    id: 'deep-ensemble',
    title: 'Deep ensemble',
    method: { id: 'deep-ensemble', settings: { ...adam, members: 5 } },
    prior: gaussian(1),
    likelihood: { id: 'gaussian', settings: { noise: 'per-input' } },
    training: { epochs: 40, batchSize: 100 },
    grid: () => [
      { paths: ['method.settings.learningRate'], values: [0.003, 0.01, 0.03] },
      { paths: ['prior.settings.sd'], values: [0.3, 1] },
    ],
    draws: 5,
    against: { method: 'Deep ensemble', claim: 'agree' },
    minutes: 10,
  },
  {
    id: 'bbp',
    title: 'Bayes by Backprop',
    method: { id: 'bbp', settings: { ...adam, draws: 1, firstEpochDraws: 1, kl: 'closed-form', initialRhoLow: -5, initialRhoHigh: -4 } },
    prior: gaussian(1),
    likelihood: { id: 'gaussian', settings: { noise: 'learnt' } },
    training: { epochs: 400, batchSize: 100 },
    grid: () => [{ paths: ['prior.settings.sd'], values: [0.2, 0.5, 1] }],
    draws: 100,
    against: { method: 'VI (Graves 2011)', claim: 'beat' },
    minutes: 20,
  },
  {
    id: 'map',
    title: 'MAP',
    method: { id: 'map', settings: { ...adam } },
    prior: gaussian(1),
    likelihood: { id: 'gaussian', settings: { noise: 'fixed' } },
    training: { epochs: 400, batchSize: 100 },
    grid: (table) => [{ paths: ['prior.settings.sd'], values: [0.3, 1, 3] }, noiseLevels(table)],
    draws: 1,
    against: null,
    minutes: 15,
  },
  {
    id: 'laplace',
    title: 'Laplace, KFAC',
    method: { id: 'laplace', settings: { ...adam, precision: 'evidence' } },
    prior: gaussian(1),
    likelihood: { id: 'gaussian', settings: { noise: 'fixed' } },
    training: { epochs: 400, batchSize: 100 },
    grid: noiseOnly,
    draws: 100,
    against: null,
    minutes: 10,
  },
  {
    id: 'sghmc',
    title: 'SG-HMC',
    method: { id: 'sghmc', settings: { stepSize: 0.01, friction: 0.1, draws: 100 } },
    prior: gaussian(1),
    likelihood: { id: 'gaussian', settings: { noise: 'fixed' } },
    training: { epochs: 1000, batchSize: 100 },
    grid: noiseOnly,
    draws: 100,
    against: null,
    minutes: 20,
  },
];

const splits = 20;

const describeGrid = (grid: Grid): string =>
  grid
    .map(
      ({ paths, values, targetUnits }) =>
        `${paths.map((path) => path.split('.').at(-1)).join(' = ')} in ${values.map((value) => Number(value.toPrecision(3))).join(', ')}${targetUnits ? ' target units' : ''}`,
    )
    .join('; ');

/** Both means with their standard errors: no worse than two of them together, than the published mean itself, or beside it without a claim. */
function figures(refits: readonly Refit[], { method, scores }: PublishedResult, claim: 'agree' | 'beat' | 'beside'): Figure[] {
  const figure = (score: 'rmse' | 'logLikelihood', name: string, unit: string, hold: typeof atMost, sign: number): Figure => {
    const found = summarise(refits, 'test', score);
    if (!found) throw new Error('No split has a finite score');
    const { mean, se } = scores[score]!;
    const published = `${method} ${mean} ± ${Number(se.toPrecision(2))}`;
    const own = { name: `${name} ± ${found.se.toPrecision(2)}`, value: found.mean, unit };
    if (claim === 'beside') return { ...own, target: `beside ${published}`, holds: true };
    return hold(own.name, own.value, mean + (claim === 'agree' ? sign * 2 * Math.hypot(se, found.se) : 0), unit, published);
  };
  return [figure('rmse', 'RMSE', '', atMost, 1), figure('logLikelihood', 'log-likelihood', 'nats', atLeast, -1)];
}

/** What is cross-validated. */
function specOf({ method, prior, likelihood, training, draws, ...protocol }: Protocol, table: Table): CrossValidationSpecInput {
  return {
    run: {
      dataset: { id: `uci-${table.name}`, settings: { split: 'standard' } },
      architecture: presets.find((preset) => preset.id === '1x50')!.architecture,
      ...{ likelihood, prior, method },
      training: { ...training, epochs: Math.min(training.epochs, table.mostEpochs ?? Infinity) },
    },
    ...{ splits, grid: protocol.grid(table), draws },
  };
}

/** The six tables of each method, for who wants to know how long they take. */
export const uciSpecs: readonly { readonly id: string; readonly title: string; readonly specs: readonly CrossValidationSpecInput[] }[] = protocols.map(
  (protocol) => ({ id: protocol.id, title: protocol.title, specs: tables.map((table) => specOf(protocol, table)) }),
);

function row(protocol: Protocol, table: Table): Row {
  const { id, title, method, draws, against, minutes } = protocol;
  const spec = specOf(protocol, table);
  const settings = Object.entries(method.settings ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return {
    id: `uci/${id}-${table.name}`,
    title: `${title}, ${table.title}`,
    group: 'UCI tables, 20 standard splits, 1 × 50 units',
    method: id,
    how: `${spec.run.training!.epochs} epochs of batch ${protocol.training.batchSize}, ${settings.join(', ')}; ${describeGrid(spec.grid!)}; ${draws} draws.`,
    minutes: Math.max(1, Math.round(minutes * table.share)),
    async run(workbench) {
      const fits = await workbench.crossValidate(`uci/${id}-${table.name}`, spec);
      const refits = fits.filter((fit) => fit.type === 'refit');
      const name = against?.method ?? 'PBP (Hernández-Lobato & Adams 2015)';
      return figures(
        refits,
        publishedUci(table.name).find((published) => published.method === name)!,
        against?.claim ?? 'beside',
      );
    },
  };
}

export const uci: readonly Row[] = protocols.flatMap((protocol) => tables.map((table) => row(protocol, table)));
