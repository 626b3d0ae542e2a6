/**
 * @file What goes wrong with a factorised posterior most often, found from its state while it trains, in plain words and with advice.
 * The thresholds are ours; what they guard against is described in the sources named beside them.
 */
import type { HostTensors } from '../numerics/host-tensor';
import { halfWidth } from '../probability/prior-curve';
import type { BayesianModel } from './bayesian-model';

/** Of one parameter tensor. `priorSd` is half the width that holds 68 % of its prior; null where it has none of its own, as under a horseshoe. */
export interface WeightDiagnosis {
  readonly name: string;
  readonly size: number;
  readonly medianSd: number;
  readonly priorSd: number | null;
  /** KL(q ‖ p) per weight, nats, as if the prior were a Gaussian of that deviation. */
  readonly klPerWeight: number | null;
  /** Σ (1 − σ²/σ_p²): how many of the weights the data have determined; null where the prior is no Gaussian. */
  readonly effective: number | null;
}

export interface Diagnosis {
  /** What the KL term makes up of the objective, in [0, 1]; null where the method has none. */
  readonly klShare: number | null;
  /** Whether it fits hardly better than guessing does. */
  readonly isGuessing: boolean;
  /** How many weights the data have determined, of those under a Gaussian prior; null where there are none. */
  readonly determined: { readonly effective: number; readonly of: number; readonly outputs: number } | null;
  /** ‖E g‖/‖sd g‖ of all tensors together; null where the optimiser does not know. */
  readonly gradientSignal: number | null;
  readonly weights: readonly WeightDiagnosis[];
}

export interface Warning {
  /** The same fault of the same tensor has the same id. */
  readonly id: string;
  readonly message: string;
}

/**
 * Above this share, and with a poor fit, the posterior follows the prior rather than the data (Bowman et al. 2016, sec. 3.1; BLiTZ issues 77 and 100).
 * With a good fit it is the price of many weights: 95 % in the reference repository's own run on MNIST.
 */
const dominant = 0.9;
/** nats: below this the weights of a tensor are as before the data came (Trippe & Turner 2018, Overpruning in variational Bayesian neural networks). */
const nothingLearnt = 0.01;
/** Of the prior's deviation: below this, draws hardly differ from each other (README of the reference repository, its second Bayes by Backprop). */
const collapsed = 0.01;
/**
 * Weights determined by the data, for each output of the task: with fewer, not even the offsets of the read-out are known (MacKay 1992, A practical
 * Bayesian framework for backpropagation networks, sec. 4: γ, the number of well-determined parameters).
 */
const determinedPerOutput = 1;
/**
 * ‖E g‖/‖sd g‖: Adam averages about 19 gradients, so that below 1/√19 = 0.23 there is more noise than signal in a step of its (Kingma, Salimans &
 * Welling 2015, sec. 2.2, on what that does): well at the end, but not while the fit is poor.
 */
const drownedGradient = 0.2;
/** Of the NLL of guessing every class alike, or of N(0, 1) for standardised targets: above this the fit is poor. */
const guessing = 0.9;

/** Of a normal distribution. */
const withinOneSd = 0.6827;

/** Undefined where the method has no factorised posterior. `terms`: the method's metrics over the last steps; `steps`: taken so far. */
export function diagnose(
  { algorithm, method, target, data }: Pick<BayesianModel, 'algorithm' | 'method' | 'target' | 'data'>,
  state: HostTensors,
  terms: { readonly [metric: string]: number },
  steps: number,
): Diagnosis | undefined {
  if (!algorithm.inspect) return undefined;
  const { nll, objective } = terms;
  const kl = nll === undefined || objective === undefined ? null : Math.abs(objective - nll);
  const { kind, outputs } = data.task;
  const statistics = Object.entries(algorithm.inspect(state, steps));
  const weights = statistics.map(([name, { mean, sd, centre }]): WeightDiagnosis => {
    const prior = method.ownPrior ? undefined : target.prior[name];
    const common = { name, size: sd.length, medianSd: median(sd) };
    if (!prior || prior.improper || prior.hierarchy) return { ...common, priorSd: null, klPerWeight: null, effective: null };
    const precision = prior.precision ?? halfWidth(prior, withinOneSd) ** -2;
    let [divergence, effective] = [0, 0];
    for (let i = 0; i < sd.length; i++) {
      const ratio = sd[i]! ** 2 * precision;
      divergence += 0.5 * (ratio + (mean[i]! - (centre?.[i] ?? 0)) ** 2 * precision - 1 - Math.log(ratio));
      effective += 1 - ratio;
    }
    return { ...common, priorSd: 1 / Math.sqrt(precision), klPerWeight: divergence / sd.length, effective: prior.precision === undefined ? null : effective };
  });
  const known = weights.filter(({ effective }) => effective !== null);
  return {
    isGuessing: nll !== undefined && nll > guessing * (kind === 'classification' ? Math.log(outputs) : (outputs / 2) * Math.log(2 * Math.PI * Math.E)),
    klShare: kl === null || nll === undefined ? null : kl / (kl + Math.abs(nll)),
    determined:
      known.length === 0
        ? null
        : {
            effective: Math.max(
              0,
              sumOf(known, ({ effective }) => effective!),
            ),
            of: sumOf(known, ({ size }) => size),
            outputs,
          },
    gradientSignal: together(statistics.map(([, { sd, gradientSignal }]) => ({ size: sd.length, gradientSignal }))),
    weights,
  };
}

const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number => items.reduce((sum, item) => sum + value(item), 0);

/** Root mean square over all weights: a tensor of a few says little by itself. */
function together(tensors: readonly { readonly size: number; readonly gradientSignal: number | null }[]): number | null {
  const known = tensors.filter(({ gradientSignal }) => gradientSignal !== null);
  return known.length === 0 ? null : Math.sqrt(sumOf(known, ({ size, gradientSignal }) => size * gradientSignal! ** 2) / sumOf(known, ({ size }) => size));
}

/** What a user should know, given the share of the training that is done: nothing in its first half, when all is still moving. */
export function warningsOf({ klShare, isGuessing, determined, gradientSignal, weights }: Diagnosis, progress: number): readonly Warning[] {
  if (progress < 0.5) return [];
  return [
    ...(klShare !== null && klShare > dominant && isGuessing
      ? [
          {
            id: 'kl',
            message: `The KL term is ${percent(klShare)} of the objective (more than ${percent(dominant)}), and the fit is hardly better than guessing: the prior outweighs the data. Use fewer weights or more rows, a wider prior, a smaller initial σ, or a KL weight that grows over the first epochs.`,
          },
        ]
      : []),
    ...weights.flatMap(warningOf),
    ...(determined && determined.effective < determinedPerOutput * determined.outputs
      ? [
          {
            id: 'effective',
            message: `The data determine ${short(determined.effective)} of ${determined.of.toLocaleString('en')} weights, fewer than the ${determined.outputs === 1 ? 'single output' : `${determined.outputs} outputs`} of the network: the others are as wide as the prior, and predictions are mostly its noise. Train longer or at a higher rate, start from a smaller σ, or use fewer weights.`,
          },
        ]
      : []),
    ...(isGuessing && gradientSignal !== null && gradientSignal < drownedGradient
      ? [
          {
            id: 'gradient',
            message: `The gradient is nearly all noise (signal-to-noise ${short(gradientSignal)}, less than ${drownedGradient}) while the fit is hardly better than guessing. Use larger batches, more draws, local reparametrisation or Flipout, or a smaller initial σ.`,
          },
        ]
      : []),
  ];
}

function warningOf({ name, medianSd, priorSd, klPerWeight }: WeightDiagnosis): Warning[] {
  if (klPerWeight !== null && klPerWeight < nothingLearnt)
    return [
      {
        id: `prior ${name}`,
        message: `${name} has learnt nothing: its posterior is the prior (KL ${short(klPerWeight)} nats per weight, less than ${nothingLearnt}). Use a smaller layer, a smaller KL weight, or start it from trained weights (MOPED).`,
      },
    ];
  if (priorSd !== null && medianSd < collapsed * priorSd)
    return [
      {
        id: `collapsed ${name}`,
        message: `The σ of ${name} has collapsed: its median ${short(medianSd)} is less than ${percent(collapsed)} of the prior's ${short(priorSd)}, so that all draws are nearly the same network and uncertainty is lost. Use a larger initial ρ or MOPED δ, more epochs, or a KL weight of 1.`,
      },
    ];
  return [];
}

/** One line for the run's log. */
export function describeDiagnosis({ klShare, determined, gradientSignal, weights }: Diagnosis): string {
  return [
    ...(klShare === null ? [] : [`KL is ${percent(klShare)} of the objective`]),
    ...(determined
      ? [`${Math.round(determined.effective).toLocaleString('en')} of ${determined.of.toLocaleString('en')} weights are determined by the data`]
      : []),
    ...(gradientSignal === null ? [] : [`gradient signal-to-noise ${short(gradientSignal)}`]),
    `median σ: ${weights
      .filter(({ name }) => name.endsWith('ernel'))
      .map(({ name, medianSd, priorSd }) => `${name} ${short(medianSd)}${priorSd === null ? '' : ` (${percent(medianSd / priorSd)} of the prior's)`}`)
      .join(', ')}`,
  ].join('; ');
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
const short = (value: number): string => String(Number(value.toPrecision(2)));

/** Of at most 50,000 entries, evenly spaced: enough for two digits. */
function median(values: ArrayLike<number>): number {
  const stride = Math.ceil(values.length / 50_000);
  const sorted = Float64Array.from({ length: Math.floor(values.length / stride) }, (_, i) => values[i * stride]!).sort();
  return sorted[Math.floor(sorted.length / 2)]!;
}
