/** @file The scale mixture as the reference repository has it: mixed per tensor. */
import { add, logSumExp, mul, square, stack, sum, type Scalar } from '@tensorflow/tfjs-core';
import { definePrior } from '../prior';
import { scaleMixture } from './scale-mixture';

/** log p(w) = log(π Π N(wᵢ; 0, sd₁²) + (1 − π) Π N(wᵢ; 0, sd₂²)) over the entries of one tensor. */
export const tensorMixture = definePrior({
  id: 'tensor-mixture',
  title: 'Scale mixture, as in the reference repository',
  reference: 'JavierAntoran/Bayesian-Neural-Networks, src/priors.py; differs from Blundell et al. (2015), eq. 7, in what is mixed',
  help: 'Mixes whole tensors instead of single weights: all weights of a tensor are wide, or all are narrow. In effect it is a single Gaussian, without the spike at zero. For comparison with the reference’s numbers; else choose the scale mixture.',
  settings: scaleMixture.settings,
  build: ({ share, sd1, sd2 }) => ({
    joint: true,
    logDensity(w) {
      const squares = sum(square(w));
      const component = (weight: number, sd: number): Scalar =>
        add(mul(squares, -0.5 / sd ** 2), Math.log(weight) - w.size * (Math.log(sd) + 0.5 * Math.log(2 * Math.PI)));
      return logSumExp(stack([component(share, sd1), component(1 - share, sd2)]));
    },
    // Of a tensor of one entry, where both mixtures are the same.
    density: scaleMixture.build({ share, sd1, sd2 }).density,
  }),
});
