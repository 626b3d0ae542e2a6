/**
 * @file What is trained for resources/pretrained: at least one model for every registered method. Adding one = one entry here, then
 * `npm run pretrain`. Small, and trained for minutes, not hours: a first look at each method, not its best result.
 */
import type { RunSpecInput } from '../../src-main/contract/spec';
import type { InferenceMethodId } from '../../src-main/engine/inference';
import { presets } from '../../src-main/engine/nn/presets';

export interface PretrainedModel {
  /** 'mnist-bbp'; also the name of its files. */
  readonly id: string;
  readonly title: string;
  readonly spec: RunSpecInput;
  /** Of the tensors in the file. float32 for factors and Cholesky roots, which half precision would make indefinite. */
  readonly precision: 'float16' | 'float32';
  /** Honest estimate on two cores. */
  readonly minutes: number;
  /** What it is good for and where it ends, in a sentence or two. */
  readonly use: string;
}

type Method = RunSpecInput['method'] & { readonly id: InferenceMethodId };
type Prior = NonNullable<RunSpecInput['prior']>;

const gaussian = (sd: number): Prior => ({ id: 'gaussian', settings: { sd } });
const architecture = (id: string) => presets.find((preset) => preset.id === id)!.architecture;

/** Adam at a rate that falls to zero, one draw a step, and σ that starts small: good posteriors of mean-field methods in few epochs. */
const quick = { draws: 1, learningRate: 1e-3, rateSchedule: 'cosine', initialRhoLow: -5, initialRhoHigh: -4 };
/** For larger batches: fewer steps, each further. */
const quicker = { ...quick, learningRate: 2e-3 };
const adam = { learningRate: 1e-3, rateSchedule: 'cosine' };
const momentum = { optimiser: 'momentum', momentum: 0.5, learningRate: 0.1 };

interface OnMnist {
  readonly title: string;
  readonly method: Method;
  readonly prior: Prior;
  readonly epochs: number;
  readonly batchSize?: number;
  readonly minutes: number;
  readonly use: string;
  /** The samplers' and SWAG's files hold many draws, so their networks are smaller. */
  readonly preset?: '400-400' | '100-100';
}

const small = {
  name: '100-100',
  layers: [{ kind: 'flatten' }, ...[100, 100].map((units) => ({ kind: 'dense', settings: { units, activation: 'relu' } })), { kind: 'output' }],
};

const onMnist = ({ title, method, prior, epochs, batchSize = 100, minutes, use, preset = '400-400' }: OnMnist): PretrainedModel => ({
  id: `mnist-${method.id}`,
  title: `${title} on MNIST`,
  spec: {
    dataset: { id: 'mnist' },
    architecture: preset === '400-400' ? architecture('400-400') : small,
    likelihood: { id: 'categorical' },
    prior,
    method,
    training: { epochs, batchSize, checkpointEvery: 60 },
  },
  precision: 'float16',
  minutes,
  use,
});

const onToy = (title: string, method: Method, epochs: number, minutes: number, use: string, width: '1x50' | '1x200'): PretrainedModel => ({
  id: `toy-${method.id}`,
  title: `${title} on a curve`,
  spec: {
    dataset: { id: 'toy-homoscedastic' },
    architecture: architecture(width),
    likelihood: { id: 'gaussian', settings: { noise: 'learnt' } },
    prior: gaussian(1),
    method,
    training: { epochs, batchSize: 0, validationFraction: 0, validateEvery: epochs, checkpointEvery: 60 },
  },
  precision: 'float32',
  minutes,
  use,
});

export const models: readonly PretrainedModel[] = [
  onMnist({
    title: 'MAP',
    method: { id: 'map', settings: { ...momentum, rateSchedule: 'cosine' } },
    prior: gaussian(1),
    epochs: 15,
    minutes: 1,
    use: 'The point of comparison: one network without uncertainty of its weights, so that its epistemic part is zero.',
  }),
  onMnist({
    title: 'Bayes by Backprop',
    method: { id: 'bbp', settings: { ...quick, firstEpochDraws: 1, kl: 'closed-form' } },
    prior: gaussian(0.1),
    epochs: 30,
    minutes: 2,
    use: 'A factorised Gaussian posterior: for weight histograms, pruning by signal-to-noise ratio, and uncertainty away from digits.',
  }),
  onMnist({
    title: 'Local reparametrisation',
    method: { id: 'local-reparametrisation', settings: quicker },
    prior: gaussian(0.1),
    epochs: 15,
    batchSize: 200,
    minutes: 1,
    use: 'The same posterior family as Bayes by Backprop, trained with less gradient noise.',
  }),
  onMnist({
    title: 'Flipout',
    method: { id: 'flipout', settings: quick },
    prior: gaussian(0.1),
    epochs: 9,
    batchSize: 200,
    minutes: 1,
    use: 'The same posterior family as Bayes by Backprop, with noise that differs from row to row while it trains.',
  }),
  onMnist({
    title: 'Radial posterior',
    method: { id: 'radial', settings: { ...quick, initialRhoLow: 0, initialRhoHigh: 1 } },
    prior: gaussian(0.1),
    epochs: 9,
    batchSize: 200,
    minutes: 1,
    use: 'Draws at a distance from the mean that does not grow with the layer; less spread than a Gaussian posterior of the same σ.',
  }),
  onMnist({
    title: 'BBP with a calibration loss',
    method: { id: 'calibrated-bbp', settings: quick },
    prior: gaussian(0.1),
    epochs: 8,
    batchSize: 200,
    minutes: 1,
    use: 'Bayes by Backprop that was also taught to be sure when right and unsure when wrong; its objective is no bound of the evidence.',
  }),
  onMnist({
    title: 'BBP with posterior sharpening',
    method: { id: 'sharpened-bbp', settings: quick },
    prior: gaussian(0.1),
    epochs: 8,
    batchSize: 200,
    minutes: 2,
    use: 'Bayes by Backprop whose draws took a step towards each minibatch while it trained.',
  }),
  onMnist({
    title: 'Importance-weighted BBP',
    method: { id: 'importance-weighted', settings: { ...quicker, draws: 3 } },
    prior: gaussian(0.1),
    epochs: 8,
    batchSize: 200,
    minutes: 1,
    use: 'Three draws that compete in every step: a posterior that may be wider than that of Bayes by Backprop.',
  }),
  onMnist({
    title: 'Variational Gaussian dropout',
    method: { id: 'variational-dropout', settings: { ...quicker, klSchedule: 'linear', annealEpochs: 3 } },
    prior: gaussian(1),
    epochs: 6,
    batchSize: 200,
    minutes: 1,
    use: 'Most of its weights are drowned in noise and can be pruned at once.',
  }),
  onMnist({
    title: 'MC dropout',
    method: { id: 'mc-dropout', settings: { ...adam, rate: 0.4 } },
    prior: gaussian(1),
    epochs: 20,
    batchSize: 200,
    minutes: 1,
    use: 'Units that are dropped at random also when it predicts: accurate and cheap.',
  }),
  onMnist({
    title: 'Concrete dropout',
    method: { id: 'concrete-dropout', settings: adam },
    prior: gaussian(1),
    epochs: 8,
    batchSize: 200,
    minutes: 1,
    use: 'Dropout whose rates were learnt from the data, one for each layer.',
  }),
  onMnist({
    title: 'Deep ensemble of five',
    method: { id: 'deep-ensemble', settings: { ...momentum, learningRate: 0.2, rateSchedule: 'cosine', members: 5 } },
    prior: gaussian(1),
    epochs: 12,
    batchSize: 200,
    minutes: 2,
    use: 'Five networks from five starts: the strong baseline for accuracy and for data of another kind.',
  }),
  onMnist({
    title: 'Bootstrap ensemble of five',
    method: {
      id: 'bootstrap-ensemble',
      settings: { ...momentum, learningRate: 0.2, rateSchedule: 'cosine', members: 5, resample: 'without-replacement', rate: 0.8 },
    },
    prior: gaussian(1),
    epochs: 12,
    batchSize: 200,
    minutes: 2,
    use: 'Five networks, each trained on its own 80 % of the rows.',
  }),
  onMnist({
    title: 'Snapshot ensemble',
    method: { id: 'snapshot-ensemble', settings: { optimiser: 'momentum', momentum: 0.5, learningRate: 0.2, cycles: 5 } },
    prior: gaussian(1),
    epochs: 10,
    batchSize: 200,
    minutes: 1,
    use: 'Five networks from one training whose rate fell and started anew five times.',
  }),
  onMnist({
    title: 'SWA',
    method: { id: 'swa', settings: { learningRate: 0.03, averagingRate: 0.03 } },
    prior: gaussian(1),
    epochs: 16,
    batchSize: 200,
    minutes: 1,
    use: 'One network, the average along the end of its training; no uncertainty of the weights.',
  }),
  onMnist({
    title: 'SWAG',
    method: { id: 'swag', settings: { rank: 10, every: 270 } },
    prior: gaussian(1),
    epochs: 20,
    minutes: 1,
    preset: '100-100',
    use: 'A Gaussian fitted to the path of one training: its mean, each weight’s variance, and ten directions.',
  }),
  onMnist({
    title: 'SGLD',
    method: { id: 'sgld', settings: { stepSize: 1e-5, draws: 30 } },
    prior: gaussian(0.1),
    epochs: 15,
    minutes: 1,
    preset: '100-100',
    use: 'Thirty draws of a noisy gradient descent. The steps are too few for a mixed chain: see Chains.',
  }),
  onMnist({
    title: 'pSGLD',
    method: { id: 'psgld', settings: { stepSize: 2e-3, draws: 30 } },
    prior: gaussian(0.1),
    epochs: 30,
    minutes: 1,
    preset: '100-100',
    use: 'Thirty draws of SGLD with a step of its own for every weight.',
  }),
  onMnist({
    title: 'SG-HMC',
    method: { id: 'sghmc', settings: { stepSize: 0.01, learnPrior: true, draws: 30 } },
    prior: gaussian(0.1),
    epochs: 15,
    minutes: 1,
    preset: '100-100',
    use: 'Thirty draws of a chain with momentum and friction that also learnt the precision of its priors.',
  }),
  onMnist({
    title: 'SGNHT',
    method: { id: 'sgnht', settings: { draws: 30 } },
    prior: gaussian(0.1),
    epochs: 15,
    minutes: 1,
    preset: '100-100',
    use: 'Thirty draws of a chain whose friction adapts to the noise of its gradients.',
  }),
  onToy(
    'HMC',
    { id: 'hmc', settings: { draws: 50, chains: 2, leapfrogSteps: 30, burnIn: 0.4 } },
    800,
    2,
    'Draws without bias from the step: what the posterior of a small network looks like, beside the exact Gaussian process.',
    '1x50',
  ),
  onToy(
    'Laplace approximation',
    { id: 'laplace', settings: { structure: 'full', precision: 'evidence', learningRate: 0.01, rateSchedule: 'cosine' } },
    2000,
    1,
    'A Gaussian with every correlation around one mode; the precision of its prior can be changed without training.',
    '1x200',
  ),
];

/** What makes the model of this id. */
export const command = (id: string): string => `npm run pretrain -- --only ${id}`;
