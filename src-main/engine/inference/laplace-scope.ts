/** @file Which weights a Laplace approximation is made for, and why it cannot be. */
import { sizeOf } from '../numerics/host-tensor';
import type { ParameterSpec } from '../numerics/parameter';
import { kfraProblem } from './laplace-kfra';
import type { LaplaceSettings } from './laplace-settings';
import type { Target } from './method';
import type { MapMatrix } from './output-jacobian';

/** Weights of the full matrix: decomposing it takes 6 P³ operations, half a minute for these. */
const fullLimit = 2500;

/** Weights that have a posterior: Bayesian, trained, and not standing at their means. */
const uncertain = ({ bayesian, sample = true, trainable = true }: ParameterSpec): boolean => bayesian && sample && trainable;

/** The affine maps whose weights are approximated, in the order of the network. */
export function mapsOf({ parameters }: Target, layers: LaplaceSettings['layers']): readonly MapMatrix[] {
  const kernels = parameters.filter((parameter) => parameter.role === 'kernel' && parameter.affine && uncertain(parameter));
  const maps = kernels.map(({ name, shape }): MapMatrix => {
    const bias = parameters.find((parameter) => parameter.role === 'bias' && parameter.name === biasOf(name) && uncertain(parameter))?.name;
    const [units, window] = [shape.at(-1)!, shape.slice(0, -1)];
    return { kernel: name, ...(bias !== undefined && { bias }), kernelShape: shape, inputs: sizeOf(window) + (bias === undefined ? 0 : 1), units };
  });
  return layers === 'last' ? maps.slice(-1) : maps;
}

/** 'dense1.kernel' → 'dense1.bias', 'lstm1.recurrentKernel' → 'lstm1.recurrentBias' */
const biasOf = (kernel: string): string => kernel.replace(/kernel$/, 'bias').replace(/Kernel$/, 'Bias');

/** What stands in the way, each with what to do instead. */
export function laplaceProblems(target: Target, { structure, layers, prediction }: LaplaceSettings): readonly string[] {
  const maps = mapsOf(target, layers);
  const covered = new Set(maps.flatMap(({ kernel, bias }) => (bias === undefined ? [kernel] : [kernel, bias])));
  const outside = layers === 'last' ? [] : target.parameters.filter((parameter) => uncertain(parameter) && !covered.has(parameter.name));
  const weights = maps.reduce((total, { inputs, units }) => total + inputs * units, 0);
  const chain = structure === 'kfra' ? kfraProblem(maps) : undefined;
  const otherPrior = [...covered].find((name) => target.prior[name]?.precision === undefined);
  return [
    ...(target.outputCurvature ? [] : ['A Laplace approximation needs a likelihood whose Fisher information is known; choose Categorical or Gaussian.']),
    ...(target.statistics
      ? ['A Laplace approximation cannot see how batch normalisation makes rows depend on each other; choose layer normalisation, or Bayes by Backprop.']
      : []),
    ...(prediction === 'probit' && target.task === 'regression' ? ['The probit approximation is for classes; choose linearised.'] : []),
    ...(maps.length > 0 ? [] : ['A Laplace approximation needs a layer with Bayesian weights; choose MAP for point estimates.']),
    ...(otherPrior === undefined
      ? []
      : [
          `A Laplace approximation needs a Gaussian prior, whose precision it adds to the curvature, and ${otherPrior} has another; choose the Gaussian prior.`,
        ]),
    ...outside.map(
      ({ name }) => `A Laplace approximation cannot reach ${name}, which is not part of an affine map; set Layers to last, or choose Bayes by Backprop.`,
    ),
    ...(chain === undefined ? [] : [chain]),
    ...(structure === 'full' && weights > fullLimit
      ? [`The full matrix of ${weights.toLocaleString('en')} weights is too large (at most ${fullLimit.toLocaleString('en')}); choose KFAC, or fewer weights.`]
      : []),
  ];
}
