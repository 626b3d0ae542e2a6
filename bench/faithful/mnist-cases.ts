/**
 * @file The methods of the MNIST rows, their schedules and published values. The reference repository's runs (JavierAntoran/Bayesian-Neural-Networks,
 * README) last 60 to 200 epochs; ours are shorter.
 */
import type { RunSpecInput } from '../../src-main/contract/spec';

/** A method on MNIST, and what it is held against. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly method: RunSpecInput['method'];
  readonly prior: NonNullable<RunSpecInput['prior']>;
  readonly epochs: number;
  readonly batchSize?: number;
  readonly minutes: number;
  /** Test error in percent and log-likelihood of the 10,000 test images in nats, of 100 draws. */
  readonly published?: { readonly error: number; readonly logLikelihood: number };
  /** A bound on the error in percent instead of the published value. */
  readonly error?: { readonly limit: number; readonly because: string };
  /** A bound on the log-likelihood in nats instead of the published value. */
  readonly logLikelihood?: { readonly limit: number; readonly because: string };
  /** Id of a preset; the reference net unless another is named. */
  readonly preset?: string;
  /** Id of the case whose trained weights it starts from. */
  readonly from?: string;
  /** Of a Laplace approximation: precisions of the prior, as multiples, among which held-out training images choose. */
  readonly precisions?: { readonly lowest: number; readonly highest: number; readonly points: number };
}

const gaussian = (sd: number) => ({ id: 'gaussian', settings: { sd } });

/** Shorter than the reference's 140 to 200 epochs of SGD: Adam, a rate that falls to zero, one draw per step, and σ that starts small. */
const quick = { draws: 1, learningRate: 1e-3, rateSchedule: 'cosine', initialRhoLow: -5, initialRhoHigh: -4 };
const bbp = { ...quick, firstEpochDraws: 1 };

/** The reference repository's training of the mode. */
const laplaceMode = { optimiser: 'momentum', momentum: 0.5, learningRate: 0.1 } as const;

/** Powers of ten. */
const precisions = { lowest: 1, highest: 7, points: 13 };

export const cases: readonly Case[] = [
  {
    id: 'map',
    title: 'MAP',
    method: { id: 'map', settings: { optimiser: 'momentum', momentum: 0.5, learningRate: 0.1 } },
    prior: { id: 'flat', settings: {} },
    epochs: 10,
    minutes: 3,
    published: { error: 1.58, logLikelihood: -572.9 },
  },
  {
    id: 'bbp-gaussian',
    title: 'Bayes by Backprop, Gaussian prior',
    method: { id: 'bbp', settings: { ...bbp, kl: 'closed-form' } },
    prior: gaussian(0.1),
    epochs: 40,
    minutes: 8,
    published: { error: 2.6, logLikelihood: -1100.29 },
  },
  {
    id: 'bbp-laplace',
    title: 'Bayes by Backprop, Laplace prior',
    method: { id: 'bbp', settings: bbp },
    prior: { id: 'laplace', settings: { scale: 0.1 } },
    epochs: 40,
    minutes: 8,
    published: { error: 2.28, logLikelihood: -892.85 },
  },
  {
    id: 'bbp-scale-mixture',
    title: 'Bayes by Backprop, scale mixture',
    method: { id: 'bbp', settings: bbp },
    prior: { id: 'scale-mixture', settings: { share: 0.25, sd1: 1, sd2: Number(Math.exp(-6).toPrecision(4)) } },
    epochs: 60,
    minutes: 12,
    published: { error: 2.38, logLikelihood: -1008.28 },
    error: { limit: 1.6, because: 'Blundell et al. (2015), table 1: 1.32' },
  },
  {
    id: 'local-reparametrisation',
    title: 'Local reparametrisation',
    method: { id: 'local-reparametrisation', settings: quick },
    prior: gaussian(0.1),
    epochs: 30,
    minutes: 9,
    published: { error: 2.61, logLikelihood: -1086.43 },
  },
  // The reference trains a hundred networks, one after the other.
  {
    id: 'bootstrap-ensemble',
    title: 'Ensemble of five networks, each on 80 % of the rows',
    method: {
      id: 'bootstrap-ensemble',
      settings: { members: 5, resample: 'without-replacement', rate: 0.8, optimiser: 'momentum', momentum: 0.5, learningRate: 0.1 },
    },
    prior: { id: 'flat', settings: {} },
    epochs: 10,
    minutes: 5,
    published: { error: 1.53, logLikelihood: -496.54 },
  },
  // The reference trains under sd 10 and predicts under sd 0.15, 4,444 times the precision; how it was found it does not say.
  {
    id: 'laplace-kfra',
    title: 'Laplace, KFRA with factored damping, sampled',
    method: {
      id: 'laplace',
      settings: { structure: 'kfra', damping: 'factored', prediction: 'sampling', ...laplaceMode },
    },
    prior: gaussian(10),
    precisions,
    epochs: 10,
    minutes: 9,
    published: { error: 2.08, logLikelihood: -1387.241 },
  },
  {
    id: 'laplace-kfac',
    title: 'Laplace, KFAC in the joint eigenbasis, probit',
    method: { id: 'laplace', settings: { fisher: 'sampled', prediction: 'probit', ...laplaceMode } },
    prior: gaussian(10),
    precisions,
    epochs: 10,
    minutes: 9,
    error: { limit: 2.08, because: 'KFRA of the reference repository, without slack' },
    logLikelihood: { limit: -1387.241, because: 'the same' },
  },
  {
    id: 'mc-dropout',
    title: 'MC dropout',
    method: { id: 'mc-dropout', settings: { rate: 0.5, learningRate: 1e-3, rateSchedule: 'cosine' } },
    prior: gaussian(1),
    epochs: 40,
    minutes: 5,
    published: { error: 1.37, logLikelihood: -435.458 },
  },
  {
    id: 'concrete-dropout',
    title: 'Concrete dropout',
    method: { id: 'concrete-dropout', settings: { learningRate: 1e-3, rateSchedule: 'cosine' } },
    prior: gaussian(1),
    epochs: 40,
    minutes: 5,
    published: { error: 1.37, logLikelihood: -435.458 }, // of MC dropout at its best rate
  },
  {
    id: 'sgld',
    title: 'SGLD',
    method: { id: 'sgld', settings: { stepSize: 1e-5, draws: 100 } },
    prior: gaussian(0.1),
    epochs: 40,
    minutes: 7,
    published: { error: 1.76, logLikelihood: -828.29 },
  },
  {
    id: 'psgld',
    title: 'pSGLD, cyclical',
    method: { id: 'psgld', settings: { stepSize: 2e-4, course: 'cyclical', cycles: 3, exploration: 0.8, burnIn: 0.1, draws: 100 } },
    prior: gaussian(0.1),
    epochs: 24,
    minutes: 5,
    published: { error: 1.76, logLikelihood: -661.25 },
  },
  {
    id: 'sghmc',
    title: 'SG-HMC, scale-adapted, cyclical',
    // A chain of constant steps reached 2.23 % and −999 nats in 40 epochs; of cyclical courses one was tried, on held-out training images.
    method: { id: 'sghmc', settings: { stepSize: 0.007, course: 'cyclical', cycles: 3, exploration: 0.8, burnIn: 0.07, draws: 100 } },
    prior: gaussian(0.1),
    epochs: 30,
    minutes: 8,
    error: { limit: 1.8, because: 'SGLD of the reference, 1.76, rounded up; the repository gives no number for SG-HMC' },
    logLikelihood: { limit: -750, because: 'between its SGLD, -828, and pSGLD, -661' },
  },
  {
    id: 'lenet-map',
    title: 'LeNet-5, MAP',
    method: { id: 'map', settings: { learningRate: 1e-3, rateSchedule: 'cosine' } },
    prior: gaussian(1),
    preset: 'lenet',
    epochs: 12,
    minutes: 2,
    error: { limit: 1.0, because: 'LeCun et al. (1998), fig. 9: 0.95 for LeNet-5' },
  },
  {
    id: 'lenet-deep-ensemble',
    title: 'LeNet-5, deep ensemble of five',
    method: { id: 'deep-ensemble', settings: { members: 5, learningRate: 1e-3, rateSchedule: 'cosine' } },
    prior: gaussian(1),
    preset: 'lenet',
    epochs: 12,
    minutes: 10,
    error: { limit: 0.8, because: 'uncertainty-baselines, MNIST, ten LeNet-5: 0.6' },
  },
  {
    id: 'lenet-bbp',
    title: 'Bayesian LeNet-5, β = 1',
    method: { id: 'bbp', settings: bbp },
    prior: gaussian(0.1),
    preset: 'lenet',
    epochs: 40,
    minutes: 6,
    error: { limit: 1.5, because: 'uncertainty-baselines, MNIST, variational inference: 1.5' },
  },
  {
    id: 'lenet-moped',
    title: 'Bayesian LeNet-5, MOPED',
    method: { id: 'bbp', settings: { ...bbp, moped: 'prior', mopedDelta: 0.1, learningRate: 3e-4 } },
    prior: gaussian(0.1),
    preset: 'lenet',
    from: 'lenet-map',
    epochs: 10,
    minutes: 3,
    error: { limit: 1.2, because: 'a start from 0.9 to 1.0 % must not cost more' },
  },
];
