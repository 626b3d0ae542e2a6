/** @file Steps run eagerly by TF.js in plain JavaScript: slow, always there, the oracle that compiled devices are compared with. */
import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, version_core } from '@tensorflow/tfjs-core';
import type { Backend } from './device';
import { EagerDevice, hostNoise } from './eager-device';
import { openNoise } from './noise/generator';

// Quiet: TF.js would otherwise advertise its Node package.
enableProdMode();

export const tfjsCpu: Backend = {
  id: 'tfjs-cpu',
  title: 'CPU – TensorFlow.js (slow reference)',
  reference: true,
  probe: () => Promise.resolve({ available: true, name: 'CPU – TensorFlow.js' }),
  open: async () =>
    new EagerDevice({
      backend: 'tfjs-cpu',
      name: 'CPU – TensorFlow.js',
      engine: `tfjs-cpu ${version_core}`,
      threads: 1,
      runsOn: 'cpu',
      noise: hostNoise(await openNoise(1)),
    }),
};
