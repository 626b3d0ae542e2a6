import { expect, it } from 'vitest';
import { Catalogue } from '../../../src-main/contract/catalogue';
import { settingText, settingTitle } from './setting-words';

const entry = (id: string, title: string, properties: object) => ({ id, title, reference: '', help: '', settings: { properties } });
const catalogue = Catalogue.parse({
  methods: [
    {
      ...entry('bbp', 'Bayes by Backprop', {
        optimiser: { enum: ['sgd', 'adam'] },
        learningRate: { type: 'number', unit: 'per step' },
        moped: { type: 'boolean' },
      }),
      metrics: [],
      randomDraws: true,
      keepsDraws: false,
    },
  ],
  layers: [{ ...entry('dense', 'Dense', { units: { type: 'integer', title: 'Units' } }), weights: true }],
  layerSwitches: { properties: { bayesian: { type: 'boolean', title: 'Bayesian' } } },
  priors: [entry('gaussian', 'Gaussian', { sd: { type: 'number', title: 'Standard deviation σ' } })],
  likelihoods: [],
  datasets: [],
  experiments: [],
  presets: [],
  training: { properties: { batchSize: { type: 'integer', title: 'Batch size', unit: 'rows' } } },
  compute: {},
});

it.each([
  ['method', 'bbp', 'Method', 'Bayes by Backprop'],
  ['method.optimiser', 'sgd', 'Method: Optimiser', 'SGD'],
  ['method.learningRate', '0.1', 'Method: Learning rate (per step)', '0.1'],
  ['method.moped', 'false', 'Method: Moped', 'off'],
  ['architecture.layers.1', 'dense', 'Layer 2', 'Dense'],
  ['architecture.layers.1.units', '80', 'Layer 2: Units', '80'],
  ['architecture.layers.1.bayesian', 'false', 'Layer 2: Bayesian', 'off'],
  ['architecture.layers.1.prior.sd', undefined, 'Layer 2, prior: Standard deviation σ', '–'],
  ['training.batchSize', '10', 'Training: Batch size (rows)', '10'],
  ['from', 'run-a1b2', 'Starts from', 'run-a1b2'],
])('%s is said in the words of the forms', (path, value, title, text) => {
  expect([settingTitle(path, catalogue), settingText(path, value, catalogue)]).toEqual([title, text]);
});
