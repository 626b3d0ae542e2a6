/** @file Blundell's scale mixture of two Gaussians, mixed per weight. */
import { add, mul, softplus, square, sum } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePrior } from '../prior';

const logNormaliser = (sd: number) => -Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
const sd = z.number().min(1e-6).max(1e3);

/** log p(w) = log(π N(w; 0, sd₁²) + (1 − π) N(w; 0, sd₂²)) for each weight by itself. */
export const scaleMixture = definePrior({
  id: 'scale-mixture',
  title: 'Scale mixture',
  reference: 'Blundell et al. (2015), Weight Uncertainty in Neural Networks, eq. 7',
  help: 'A wide and a narrow Gaussian, mixed for each weight: a spike at zero with heavy tails. It has no closed-form KL. Differs from the reference repository, which mixes whole tensors: that is a prior of its own here.',
  settings: z.strictObject({
    share: z.number().min(0.001).max(0.999).default(0.75).meta({ title: 'Share of the first', description: 'π: probability of the first component.' }),
    sd1: sd.default(0.1).meta({ title: 'First standard deviation', description: 'The wide component.', scale: 'log' }),
    sd2: sd.default(0.0005).meta({ title: 'Second standard deviation', description: 'The narrow component.', scale: 'log' }),
  }),
  build({ share, sd1, sd2 }) {
    const components = [
      { constant: Math.log(share) + logNormaliser(sd1), sd: sd1 },
      { constant: Math.log1p(-share) + logNormaliser(sd2), sd: sd2 },
    ] as const;
    // log(e^a + e^b) = a + softplus(b − a). With a the wider component nothing cancels: far out b − a → −∞, and a stays moderate.
    const [wide, narrow] = sd1 >= sd2 ? components : [components[1], components[0]];
    const [precision, excess, offset] = [wide.sd ** -2, narrow.sd ** -2 - wide.sd ** -2, narrow.constant - wide.constant];
    return {
      logDensity(w) {
        const squares = square(w);
        const mixing = softplus(add(mul(squares, -0.5 * excess), offset));
        return add(sum(add(mul(squares, -0.5 * precision), mixing)), w.size * wide.constant);
      },
      density: (w) => wide.constant - 0.5 * precision * w ** 2 + Math.log1p(Math.exp(offset - 0.5 * excess * w ** 2)),
    };
  },
});
