/** @file The predictive draw by draw as stand-alone models, in single precision or in 8-bit integers, with what it costs. */
import { WorkbenchError } from '../../contract/errors';
import type { IntegerOptions } from '../backends/integer-model';
import { openModel } from '../backends/model-session';
import { standAloneModel, traceStandAlone, type StandAloneTrace } from '../backends/stand-alone';
import type { HostTensors } from '../numerics/host-tensor';
import type { BayesianModel } from './bayesian-model';
import { ClassAccumulator } from './class-accumulator';
import type { DrawSource } from './draw-source';
import { forwardOf } from './forward';
import { letMessagesIn } from './launches';
import type { ClassPredictive, PredictiveOptions, RegressionPredictive } from './posterior';
import { RegressionAccumulator } from './regression-accumulator';

/** Rows that it was trained on [rows × features], standardised, and what of their ranges the integers cover. */
export interface Quantisation {
  readonly rows: number;
  readonly x: Float32Array;
  readonly range: IntegerOptions['range'];
  readonly threads: number;
}

/** Of all draws together. */
export interface ModelCost {
  readonly bytes: number;
  /** For 1,000 rows. */
  readonly milliseconds: number;
}

export interface PrecisionPredictive {
  readonly threads: number;
  /** In 8-bit integers where these are given, else in single precision. @throws WorkbenchError `cancelled`, `unsupported` */
  classify(x: Float32Array, rows: number, options: PredictiveOptions, integers?: Quantisation): Promise<{ predictive: ClassPredictive; cost: ModelCost }>;
  regress(x: Float32Array, rows: number, options: PredictiveOptions, integers?: Quantisation): Promise<{ predictive: RegressionPredictive; cost: ModelCost }>;
}

/** Rows of one run of a model. */
const together = 1000;

/** Whatever the names of the draws' parameters are made of, they begin with the parameter's own. */
export function integerOptions(model: BayesianModel, names: readonly string[], { rows, x, range, threads }: Quantisation): IntegerOptions {
  if (model.algorithm.predictive)
    throw new WorkbenchError('unsupported', `${model.method.title} predicts in a way of its own, which has no integer form; choose a sampled predictive`);
  const kernels = model.target.parameters.flatMap(({ name, role }) =>
    role === 'kernel' ? names.filter((own) => own === name || own.startsWith(`${name} `)) : [],
  );
  return { calibration: { rows, x, inputShape: model.data.inputShape }, range, kernels, threads };
}

export function precisionPredictive(model: BayesianModel, source: DrawSource, threads: number): PrecisionPredictive {
  let traced: StandAloneTrace | undefined;
  const modelOf = async (draw: HostTensors, integers: Quantisation | undefined): Promise<Uint8Array> => {
    traced ??= traceStandAlone((x, given, key) => model.likelihood.predict(forwardOf(model)(given, x, key), given), {
      inputShape: model.data.inputShape,
      given: draw,
    });
    return standAloneModel(traced, draw, integers && integerOptions(model, Object.keys(draw), integers));
  };

  /** Each draw is one model, which sees all rows before the next one is made. */
  async function run(
    { x, rows }: { readonly x: Float32Array; readonly rows: number },
    { draws: requested, seed, signal, report }: PredictiveOptions,
    integers: Quantisation | undefined,
    receive: (draw: number, first: number, count: number, outputs: { readonly [name: string]: Float32Array }) => void,
  ): Promise<ModelCost> {
    const draws = source.count(requested);
    const width = x.length / rows;
    let bytes = 0;
    const times: number[] = []; // ms for 1,000 rows, of each run
    for (let s = 0; s < draws; s++) {
      const content = await modelOf(await source.weights(s, draws, seed), integers);
      bytes += content.byteLength;
      const session = await openModel(content, threads);
      try {
        for (let first = 0; first < rows; first += together) {
          if (signal?.aborted) throw new WorkbenchError('cancelled', 'The prediction was cancelled');
          const count = Math.min(together, rows - first);
          const part = x.subarray(first * width, (first + count) * width);
          const predict = () => session.run(part, [count, ...model.data.inputShape]);
          if (first === 0) await predict(); // the first run finds its memory
          const began = performance.now();
          const outputs = await predict();
          times.push(((performance.now() - began) * 1000) / count);
          receive(s, first, count, outputs);
          report?.((s + (first + count) / rows) / draws);
          await letMessagesIn();
        }
      } finally {
        await session.close();
      }
    }
    return { bytes, milliseconds: draws * median(times) };
  }

  return {
    threads,
    async classify(x, rows, options, integers) {
      const accumulator = new ClassAccumulator(rows, model.data.task.outputs, source.count(options.draws));
      const cost = await run({ x, rows }, options, integers, (draw, first, count, { probabilities }) => accumulator.add(draw, first, count, probabilities!));
      return { predictive: accumulator.result(), cost };
    },
    async regress(x, rows, options, integers) {
      const accumulator = new RegressionAccumulator(rows, source.count(options.draws), model.likelihood.degrees);
      const cost = await run({ x, rows }, options, integers, (draw, first, count, { mean, sd }) =>
        accumulator.add(draw, first, count, { mean: mean!, sd: sd! }),
      );
      return { predictive: accumulator.result(), cost };
    },
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
