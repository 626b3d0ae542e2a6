/** @file From a run's document and the shape of its data to everything that training and prediction need; every fault of the document is found here. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { describeIssue, WorkbenchError } from '../../contract/errors';
import type { Component, RunSpec, SpecProblem } from '../../contract/spec';
import { inferenceMethods } from '../inference';
import type { Algorithm, InferenceMethod, Target } from '../inference/method';
import { buildModel, type Model } from '../nn/model';
import { sizeOf } from '../numerics/host-tensor';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';
import type { Likelihood, LikelihoodKind, Task } from '../probability/likelihood';
import { likelihoods } from '../probability/likelihoods';
import type { Prior, PriorKind } from '../probability/prior';
import { priors } from '../probability/priors';
import { makeTarget } from '../probability/target';
import { refusesData, refusesLikelihood, refusesPrior } from './compatibility';
import { refusedStart, refusedSwitches } from './layer-switches';
import { withStatistics } from './statistics';
import { tooManyRows } from './whole-set';

export interface DataShape {
  readonly task: Task;
  /** Of one row. */
  readonly inputShape: readonly number[];
  /** Rows of the training part. */
  readonly rows: number;
}

/** Prior, network, likelihood and the method that infers the posterior. */
export interface BayesianModel {
  readonly data: DataShape;
  readonly likelihood: Likelihood;
  readonly target: Target;
  readonly method: Pick<InferenceMethod, 'id' | 'title' | 'randomDraws' | 'keepsDraws' | 'ownPrior' | 'batches' | 'metrics'>;
  readonly algorithm: Algorithm;
  /** Scalars in one draw. */
  readonly size: number;
  /** Numbers in one row's input and in the outputs of all layers. */
  readonly activations: number;
  /** Whether weights of several draws can be stacked along a leading axis: not where layers draw noise of their own, or measure statistics, when they predict. */
  readonly together: boolean;
  /** Text of all that the model was built from: models of equal text trace the same steps, so that one's compiled programs serve the other. */
  readonly identity: string;
}

type Registry<Kind> = { readonly [id: string]: Kind | undefined };

/** @throws WorkbenchError `invalid-spec` that names the first fault; `details.path` says where. */
export function buildBayesianModel(spec: RunSpec, data: DataShape): BayesianModel {
  const { model, problems } = assemble(spec, data);
  if (model) return model;
  const { path = '', message = 'the document is not valid' } = problems[0] ?? {};
  throw new WorkbenchError(path.startsWith('architecture') ? 'shape-mismatch' : 'invalid-spec', message, { details: { path } });
}

/** Every fault of likelihood, priors, architecture and method, at its path in the document; none if the model can be built. */
export const checkModel = (spec: RunSpec, data: DataShape): readonly SpecProblem[] => assemble(spec, data).problems;

function assemble(spec: RunSpec, data: DataShape): { model?: BayesianModel; problems: readonly SpecProblem[] } {
  const problems: SpecProblem[] = [];
  const report = (path: string, message: string): undefined => void problems.push({ path, message });

  /** A component built from its registry, or undefined after its faults were reported. */
  function build<Kind extends { readonly settings: z.ZodObject }, Built>(
    registry: Registry<Kind>,
    { id, settings }: Component,
    path: string,
    make: (kind: Kind, settings: Record<string, unknown>) => Built,
  ) {
    const kind = registry[id];
    if (!kind) return report(path, `There is no ${path.split('.').at(-1)} '${id}'; choose one of ${Object.keys(registry).join(', ')}.`);
    const parsed = kind.settings.safeParse(settings);
    if (parsed.success) return make(kind, parsed.data);
    for (const issue of parsed.error.issues) report([path, 'settings', ...issue.path].join('.'), describeIssue(issue, kind.settings));
    return undefined;
  }
  const chosen = build<InferenceMethod, { method: InferenceMethod; settings: Record<string, unknown> }>(
    inferenceMethods,
    spec.method,
    'method',
    (method, settings) => ({ method, settings }),
  );
  const prior = (component: Component, path: string): Prior | undefined =>
    build<PriorKind, Prior | undefined>(priors, component, path, (kind, settings) => {
      const refused = chosen && refusesPrior(chosen.method, kind);
      return refused ? report(path, refused) : kind.build(settings);
    });

  const likelihood = build<LikelihoodKind, Likelihood | undefined>(likelihoods, spec.likelihood, 'likelihood', (kind, settings) => {
    const refused = refusesData(kind, data.task) ?? (chosen && refusesLikelihood(chosen.method, kind));
    return refused ? report('likelihood', refused) : kind.build(settings, data.task);
  });
  const common = prior(spec.prior, 'prior');
  const perLayer = spec.architecture.layers.map((layer, i) => (layer.prior ? prior(layer.prior, `architecture.layers.${i}.prior`) : common));
  const network = likelihood && buildNetwork(spec, data, likelihood.outputs, report);
  if (!likelihood || !network || !chosen || problems.length > 0) return { problems };

  const bayesian = network.parameters.filter((parameter) => parameter.bayesian);
  const target = makeTarget({
    parameters: network.parameters,
    forward: (params, x, key, rule, training) => network.apply(params, x, rule, { key, training }),
    ...(network.statistics.length > 0 && {
      statistics: { leaves: network.statistics, measure: (params: Params, x: Tensor, key: Key) => network.measure(params, x, { key, training: false }) },
    }),
    likelihood,
    priors: Object.fromEntries(bayesian.map(({ name, layer }) => [name, perLayer[layer]!])),
    rows: data.rows,
    pretrained: spec.from !== undefined,
  });
  const { method, settings } = chosen;
  for (const message of method.problems?.(target, settings) ?? []) report('method', message);
  const refused = method.batches === 'all' && tooManyRows(method.title, network, data);
  if (refused) report('method', refused);
  if (problems.length > 0) return { problems };
  const algorithm = withStatistics(method.build(target, settings), target, data);
  problems.push(...refusedSwitches(method, spec), ...refusedStart(method, algorithm, spec));
  if (problems.length > 0) return { problems };
  const size = target.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const activations = sizeOf(data.inputShape) + network.layers.reduce((sum, { output }) => sum + sizeOf(output), 0);
  const together = !network.randomPrediction && !target.statistics;
  const described = network.randomPrediction ? { ...method, randomDraws: true } : method;
  // Whatever is not known to stay out of the steps counts. Batches, seeds and schedules come in as shapes, noise and scalars.
  const { name: _name, dataset: _dataset, training: _training, compute: _compute, ...parts } = spec;
  const identity = JSON.stringify([parts, data]);
  return { model: { data, likelihood, target, method: described, algorithm, size, activations, together, identity }, problems };
}

function buildNetwork(spec: RunSpec, data: DataShape, outputs: number, report: (path: string, message: string) => void): Model | undefined {
  try {
    return buildModel(spec.architecture, data.inputShape, outputs);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    const layer = error.details?.['layer'];
    report(layer === undefined ? 'architecture' : `architecture.layers.${String(layer)}`, error.message);
    return undefined;
  }
}
