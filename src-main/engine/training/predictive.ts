/** @file The posterior predictive: p(y | x, D) ≈ (1/S) Σ_s p(y | x, w_s), w_s drawn from the approximate posterior. */
import { ones, valueAndGrad, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { WorkbenchError } from '../../contract/errors';
import type { Device } from '../backends/device';
import type { BayesianModel } from './bayesian-model';
import { ClassAccumulator } from './class-accumulator';
import type { DrawSource } from './draw-source';
import { forwardOf } from './forward';
import { GradientAccumulator } from './gradient-accumulator';
import { Launches, type Receiver, type RowComputation } from './launches';
import type { ClassPredictive, Posterior, PredictiveOptions, RegressionPredictive, Sums, Watch } from './posterior';
import { RegressionAccumulator } from './regression-accumulator';

const watchInterval = 1000; // ms
const keepInterval = 5000; // ms

/** The predictive of a model's draws. */
export class DevicePosterior implements Posterior {
  readonly #launches: Launches;

  constructor(
    readonly model: BayesianModel,
    device: Device,
    readonly source: DrawSource,
  ) {
    this.#launches = new Launches(model, device, source);
  }

  count(requested: number): number {
    return this.source.count(requested);
  }

  async classify(x: Float32Array, rows: number, options: PredictiveOptions, watch?: Watch<ClassPredictive>) {
    const accumulator = new ClassAccumulator(rows, this.model.data.task.outputs, this.count(options.draws));
    await this.#launches.run(this.#predict, { rows, x }, options, {
      rows: (draw, first, count, { probabilities }) => accumulator.add(draw, first, count, probabilities!),
      draws: whileUnderWay(accumulator, this.count(options.draws), options, watch && ((done) => watch(accumulator.result(done)))),
    });
    return accumulator.result();
  }

  async regress(x: Float32Array, rows: number, options: PredictiveOptions, watch?: Watch<RegressionPredictive>) {
    const { outputs: targets } = this.model.data.task;
    if (targets !== 1) throw new WorkbenchError('unsupported', `The predictive of ${targets} targets at once is not available; use a dataset with one target`);
    const accumulator = new RegressionAccumulator(rows, this.count(options.draws), this.model.likelihood.degrees);
    await this.#launches.run(this.#predict, { rows, x }, options, {
      rows: (draw, first, count, { mean, sd }) => accumulator.add(draw, first, count, { mean: mean!, sd: sd! }),
      draws: whileUnderWay(accumulator, this.count(options.draws), options, watch && ((done) => watch(accumulator.result(done)))),
    });
    return accumulator.result();
  }

  async inputGradient(x: Float32Array, y: Int32Array, options: Parameters<Posterior['inputGradient']>[2]) {
    const accumulator = new GradientAccumulator(y.length, x.length / y.length, options.loss);
    await this.#launches.run(this.#gradient, { rows: y.length, x, y }, options, {
      rows: (_draw, first, count, { logDensity, gradient }) => accumulator.add(first, count, logDensity!, gradient!),
      draws: whileUnderWay(accumulator, this.count(options.draws), options),
    });
    return accumulator.result();
  }

  close(): Promise<void> {
    return this.#launches.close();
  }

  readonly #predict: RowComputation = {
    name: 'predict',
    together: true,
    compute: (params, { x }, key) => this.model.likelihood.predict(forwardOf(this.model)(params, x!, key), params),
  };

  readonly #gradient: RowComputation = {
    name: 'gradient',
    together: false,
    compute: (params, { x, y }, key) => {
      const { likelihood } = this.model;
      // A row's density depends on no other row, so that the gradient of the sum holds each row's own. TF.js types values as scalars, but takes any shape with a cotangent.
      const density = ((input: Tensor) => likelihood.logDensity(forwardOf(this.model)(params, input, key), y!, params)) as (input: Tensor) => Scalar;
      const { value, grad } = valueAndGrad(density)(x!, ones([x!.shape[0]!]) as Scalar);
      return { logDensity: value, gradient: grad };
    },
  };
}

/**
 * Takes up what an earlier prediction left, and hears of each launch: `watch` is told at the first draws and then not more often than once a
 * second, `keep` every few seconds. The end is told by the result.
 */
function whileUnderWay(
  accumulator: { readonly arrays: Sums['arrays'] },
  draws: number,
  { from, keep }: Pick<PredictiveOptions, 'from' | 'keep'>,
  watch?: (done: number) => void,
): NonNullable<Receiver['draws']> {
  from?.arrays.forEach((values, i) => accumulator.arrays[i]!.set(values));
  let [told, kept] = [-Infinity, performance.now()];
  return (done) => {
    if (done === draws) return;
    if (keep && performance.now() - kept >= keepInterval) {
      keep({ done, arrays: accumulator.arrays });
      kept = performance.now();
    }
    if (!watch || performance.now() - told < watchInterval) return;
    watch(done);
    told = performance.now();
  };
}
