/** @file How the weights lie at a checkpoint: quantiles of each Bayesian tensor, the metrics of the scope 'checkpoint'. */
import { courseMetric, courseQuantiles, type CourseStatistic } from '../../contract/weights';
import type { HostTensor, HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';

/** Entries of a tensor that are looked at, spread evenly: a checkpoint must not wait. A prime, so that the stride falls into step with no width of a layer. */
const sampled = 9_973;

type Network = Pick<BayesianModel, 'algorithm' | 'target'>;

/** Names of the quantiles, in the order of `weightQuantiles`. */
export const weightMetrics = (model: Network): string[] =>
  tensorsOf(model).flatMap((tensor) => statisticsOf(model).flatMap((statistic) => courseQuantiles.map((q) => courseMetric(tensor, statistic, q))));

/**
 * Quantiles of the posterior's means and standard deviations where the state tells them, else of the weights of `draw`:
 * of a point estimate the estimate, of several chains or members the first.
 */
export async function weightQuantiles(model: Network, state: HostTensors, draw: () => Promise<HostTensors>): Promise<Float64Array> {
  const known = model.algorithm.inspect?.(thinned(state));
  const drawn = known ? {} : thinned(await draw());
  return Float64Array.from(tensorsOf(model).flatMap((name) => (known ? [known[name]!.mean, known[name]!.sd] : [drawn[name]!.data]).flatMap(quantilesOf)));
}

const statisticsOf = ({ algorithm }: Network): readonly CourseStatistic[] => (algorithm.inspect ? ['mean', 'sd'] : ['weight']);

const tensorsOf = ({ target }: Network): string[] => target.parameters.filter(({ bayesian, role }) => bayesian && role !== 'scale').map(({ name }) => name);

/** Every n-th entry of long tensors, flat; the same entries of tensors of the same length. */
const thinned = (tensors: HostTensors): HostTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([path, tensor]) => {
      const length = tensor.data.length;
      if (length <= sampled) return [path, tensor];
      const data = tensor.data.slice(0, sampled);
      for (let i = 0; i < sampled; i++) data[i] = tensor.data[Math.floor(((i + 0.5) * length) / sampled)]!;
      return [path, { dtype: tensor.dtype, shape: [sampled], data } as HostTensor];
    }),
  );

/** Interpolated between the nearest two. @see Hyndman & Fan (1996), Sample Quantiles in Statistical Packages, definition 7. */
function quantilesOf(values: ArrayLike<number>): number[] {
  const sorted = new Float32Array(values).sort();
  return courseQuantiles.map((q) => {
    const at = q * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
    return below + (at - Math.floor(at)) * (above - below);
  });
}
