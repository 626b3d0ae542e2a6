/** @file Laplace approximations: a Gaussian at the most probable weights, as wide as the log-posterior is flat there. */
import { add, div, greater, mul, scalar, sub, sum, Tensor, where, zeros, type Scalar } from '@tensorflow/tfjs-core';
import { float32, type HostTensors } from '../numerics/host-tensor';
import { fold } from '../numerics/random';
import type { State, Step } from '../numerics/step';
import { flattenTree, mapParams, unflattenTree } from '../numerics/tree';
import type { Curvature, Scope } from './laplace-curvature';
import { diagonalCurvature } from './laplace-diagonal';
import { logEvidence, mostProbablePrecision, type ModeSummary } from './laplace-evidence';
import { fullCurvature } from './laplace-full';
import { kfraFactors } from './laplace-kfra';
import { kfacFactors, kroneckerCurvature } from './laplace-kronecker';
import { linearised, precisionLeaf, probit } from './laplace-predictive';
import { laplaceProblems, mapsOf } from './laplace-scope';
import { laplaceSettings, type LaplaceSettings } from './laplace-settings';
import { map, type MapState } from './map';
import { defineMethod, type Target } from './method';

interface LaplaceState extends MapState {
  readonly curvature: State;
  /** log-likelihood at the mode, summed over the rows; the prior's precision as a multiple, 0 until the end. */
  readonly mode: { readonly logLikelihood: Scalar; readonly precision: Scalar };
}

const structures: { readonly [id in LaplaceSettings['structure']]: (scope: Scope, settings: LaplaceSettings) => Curvature } = {
  diagonal: diagonalCurvature,
  kfac: (scope, { damping }) => kroneckerCurvature(scope, kfacFactors(scope), damping),
  kfra: (scope, { damping }) => kroneckerCurvature(scope, kfraFactors(scope), damping),
  full: fullCurvature,
};

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Leaves under a prefix, and back. */
const within = (state: HostTensors, prefix: string): HostTensors =>
  Object.fromEntries(Object.entries(state).flatMap(([path, tensor]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), tensor]] : [])));
const under = (prefix: string, leaves: HostTensors): HostTensors => Object.fromEntries(Object.entries(leaves).map(([path, tensor]) => [prefix + path, tensor]));

/** What the evidence needs of the mode, in float64. */
function modeSummary({ prior }: Target, state: HostTensors, covered: readonly string[]): ModeSummary {
  let [energy, weights] = [0, 0];
  for (const name of covered) {
    const values = state[`params/${name}`]!.data;
    for (const w of values) energy += 0.5 * prior[name]!.precision! * w * w;
    weights += values.length;
  }
  return { logLikelihood: state['mode/logLikelihood']!.data[0]!, energy, weights };
}

/** N(mode, (H + s T)⁻¹), H the generalised Gauss–Newton matrix of −log p(D | w), T the prior's precision, s its multiple. */
export const laplace = defineMethod({
  id: 'laplace',
  title: 'Laplace approximation',
  reference:
    'MacKay (1992), A practical Bayesian framework for backpropagation networks; Ritter et al. (2018) for KFAC, Botev et al. (2017) for KFRA; Daxberger et al. (2021), Laplace Redux',
  help: 'Trains as MAP does, then measures in one more pass over the data how sharply the posterior falls off around the weights it found, and draws from the Gaussian of that shape. The prior’s precision can be chosen afterwards, without training anew. Needs a Gaussian prior.',
  settings: laplaceSettings,
  converges: 'posterior',
  randomDraws: true,
  switches: map.switches ?? [],
  metrics: map.metrics,
  problems: laplaceProblems,
  build(target, settings) {
    const mode = map.build(target, settings);
    const maps = mapsOf(target, settings.layers);
    const covered = maps.flatMap(({ kernel, bias }) => (bias === undefined ? [kernel] : [kernel, bias]));
    const scope: Scope = { target, maps, fisher: settings.fisher };
    const curvature = structures[settings.structure](scope, settings);

    const prediction = { sampling: () => undefined, linearised: () => linearised(scope), probit: () => probit(scope, curvature) }[settings.prediction]();

    const sweep: Step<LaplaceState> = (state, batch, key) => {
      const { params, curvature: leaves, mode: before } = state;
      const logLikelihood = sum(target.perRowLogLikelihood(params, batch, fold(key, 'forward')));
      const nll = mul(logLikelihood, -1 / batch['x']!.shape[0]!);
      const logPrior = target.logPrior(params);
      return {
        state: {
          ...state,
          curvature: curvature.sweep(leaves, params, batch['x']!, fold(key, 'curvature')),
          mode: { logLikelihood: add(before.logLikelihood, logLikelihood), precision: before.precision },
        },
        info: { nll, logPrior, objective: sub(nll, div(logPrior, target.rows)) },
      };
    };

    const evidence = (state: HostTensors, precision: number): number =>
      logEvidence(modeSummary(target, state, covered), precision, curvature.logDeterminant(within(state, 'curvature/'), precision));

    return {
      ...mode,
      init: (key): LaplaceState => ({
        ...mode.init(key),
        curvature: unflattenTree(Object.entries(curvature.shapes).map(([path, shape]) => [path, zeros([...shape])] as const)),
        mode: { logLikelihood: scalar(0), precision: scalar(0) },
      }),
      steps: {
        main(state, batch, key, hyper) {
          const { params, optimiser } = state;
          const { state: next, info } = mode.steps['main']!({ params, optimiser }, batch, key, hyper);
          return { state: { ...state, ...next }, info };
        },
        sweep,
      },
      sweeps: 1,
      schedule: (time) => (time.epoch < time.epochs ? mode.schedule(time) : { step: 'sweep', hyper: {} }),
      ...(settings.prediction === 'probit' && { members: 1 }),
      ...(prediction && { predictive: { leaves: prediction.leaves, forward: (draw, x, key) => prediction.forward(draw, x, key) } }),
      draw({ params, curvature: leaves, mode: { precision } }, key) {
        // Until the sweep is over a draw is the mode, as under an infinite precision: the curve while training is that of MAP.
        const used = where(greater(precision, 0), precision, 1e30);
        const carried = prediction?.carry({ mode: params, curvature: Object.fromEntries(flattenTree<Tensor>(leaves, isTensor)), precision: used });
        if (settings.prediction === 'probit') return { ...params, ...carried };
        const deviation = curvature.deviation(leaves, used, key);
        const weights = mapParams((name, value) => (deviation[name] ? add(value, deviation[name]) : value), params);
        return { ...weights, ...carried };
      },
      refit: { precision: precisionLeaf, logEvidence: evidence },
      *finish(state, report) {
        const leaves = yield* curvature.diagonalise(within(state, 'curvature/'), within(state, 'params/'), report);
        const finished = { ...state, ...under('curvature/', leaves) };
        const ofPrecision = (precision: number) => evidence(finished, precision);
        const precision =
          settings.precision === 'evidence' ? yield* mostProbablePrecision(ofPrecision) : { trained: 1, given: settings.precisionFactor }[settings.precision];
        report.note(`Log marginal likelihood ${ofPrecision(precision).toFixed(2)} nats at ${precision.toPrecision(3)} times the prior’s precision`);
        return { ...finished, [precisionLeaf]: float32([], Float32Array.of(precision)) };
      },
    };
  },
});
