/** @file The two kinds of pretrained models: networks on MNIST, and small ones on a curve. */
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

export const gaussian = (sd: number): Prior => ({ id: 'gaussian', settings: { sd } });
const architecture = (id: string) => presets.find((preset) => preset.id === id)!.architecture;

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

/** Trained on 54,000 images; the other 6,000 are for the validation curve and for calibration. */
export const onMnist = ({ title, method, prior, epochs, batchSize = 100, minutes, use, preset = '400-400' }: OnMnist): PretrainedModel => ({
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

/** The Gaussian-process toy with constant noise, in full batches. */
export const onToy = (title: string, method: Method, epochs: number, minutes: number, use: string, width: '1x50' | '1x200'): PretrainedModel => ({
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
