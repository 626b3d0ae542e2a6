/** @file What the user sets of a Laplace approximation. */
import { z } from 'zod';
import { map } from './map';

export const laplaceSettings = z.strictObject({
  structure: z.enum(['kfac', 'diagonal', 'kfra', 'full']).default('kfac').meta({
    title: 'Structure',
    description:
      'Of the posterior’s precision. kfac: a Kronecker product for each layer. kfra: the same, its curvature carried backwards from layer to layer (dense networks). diagonal: each weight alone. full: every correlation, for up to 2,500 weights.',
  }),
  layers: z
    .enum(['all', 'last'])
    .default('all')
    .meta({ title: 'Layers', description: 'all: every weight is uncertain. last: only those of the output layer; the others stay at the mode.' }),
  fisher: z
    .enum(['exact', 'sampled'])
    .default('exact')
    .meta({
      title: 'Curvature',
      description:
        'exact: the generalised Gauss–Newton matrix, with one backward pass for each output. sampled: one pass for each row, towards a label drawn from the model; much faster with many classes.',
      when: { structure: ['kfac', 'diagonal', 'full'] },
    }),
  damping: z
    .enum(['eigenbasis', 'factored'])
    .default('eigenbasis')
    .meta({
      title: 'Prior and curvature',
      description:
        'eigenbasis: the prior’s precision is added to the curvature exactly. factored: its square root is added to both factors, as in the reference repository; this overstates the precision and shrinks the variances.',
      advanced: true,
      when: { structure: ['kfac', 'kfra'] },
    }),
  prediction: z.enum(['linearised', 'sampling', 'probit']).default('linearised').meta({
    title: 'Prediction',
    description:
      'linearised: draws move the outputs along the network’s derivative at the mode, for which the Gaussian was made. sampling: the network at drawn weights, as in the reference repository; much faster, but far too uncertain where the prior is wide. probit: one prediction in closed form, for classes; without a split of the uncertainty.',
  }),
  precision: z.enum(['trained', 'evidence', 'given']).default('trained').meta({
    title: 'Prior precision',
    description:
      'Of the posterior. trained: as while training. evidence: where the marginal likelihood is highest. given: a multiple that you set. It can be changed after training without training anew.',
  }),
  precisionFactor: z
    .number()
    .min(1e-6)
    .max(1e8)
    .default(1)
    .meta({
      title: 'Multiple of the precision',
      description:
        'Times 1/sd² of the prior trained with; 100 is a standard deviation ten times smaller. The reference repository trains with sd 10 and predicts with 0.15: 4,444.',
      scale: 'log',
      when: { precision: ['given'] },
    }),
  ...map.settings.shape,
});
export type LaplaceSettings = z.output<typeof laplaceSettings>;
