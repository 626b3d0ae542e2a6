/** @file Weights made of several leaves: the parameters that a method sees, and how the network's are made of them. */
import { reshape } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '../numerics/parameter';
import type { Params } from '../numerics/tree';
import type { Prior } from './prior';

interface Expanded {
  /** The standardised weights under the names of the weights, and their scales: 'dense1.kernel.logLocal'. */
  readonly parameters: readonly ParameterSpec[];
  readonly priors: { readonly [parameter: string]: Prior };
  /** The network's parameters. */
  weights(params: Params): Params;
}

/** Standardised weights take no part in an affine map themselves, so rules that replace the weights of one cannot use them. */
function standardised(spec: ParameterSpec): ParameterSpec {
  const { affine: _affine, ...rest } = spec;
  return rest;
}

/** The given parameters where no prior is hierarchical. */
export function expandHierarchies(parameters: readonly ParameterSpec[], priors: Expanded['priors']): Expanded {
  const hierarchical = parameters.flatMap((spec) => {
    const hierarchy = spec.bayesian ? priors[spec.name]?.hierarchy : undefined;
    return hierarchy ? [{ spec, hierarchy, names: Object.keys(hierarchy.scales) }] : [];
  });
  if (hierarchical.length === 0) return { parameters, priors, weights: (params) => params };
  const scales = hierarchical.flatMap(({ spec, hierarchy }) =>
    Object.entries(hierarchy.scales).map(([name, { of, prior, start }]) => ({
      spec: { ...standardised(spec), name: `${spec.name}.${name}`, shape: of === 'entry' ? spec.shape : [1], role: 'scale', start } as const,
      prior,
    })),
  );
  const replaced = new Set(hierarchical.map(({ spec }) => spec.name));
  return {
    parameters: [...parameters.map((spec) => (replaced.has(spec.name) ? standardised(spec) : spec)), ...scales.map(({ spec }) => spec)],
    priors: { ...priors, ...Object.fromEntries(scales.map(({ spec, prior }) => [spec.name, prior])) },
    weights(params) {
      const made = hierarchical.map(({ spec, hierarchy, names }) => {
        const rank = params[spec.name]!.rank;
        const of = (name: string) => {
          const scale = params[`${spec.name}.${name}`]!;
          return scale.rank === rank ? scale : reshape(scale, [...scale.shape.slice(0, -1), ...spec.shape.map(() => 1)]);
        };
        return [spec.name, hierarchy.weights(params[spec.name]!, Object.fromEntries(names.map((name) => [name, of(name)])))] as const;
      });
      return { ...params, ...Object.fromEntries(made) };
    },
  };
}
