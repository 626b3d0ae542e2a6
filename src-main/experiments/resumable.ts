/**
 * @file A study that is cut off goes on where it was. Studies are deterministic, and what takes long in them are predictions: each is kept
 * under all that it depends on, so that the study, begun again, finds what it asked before and comes to the same result.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Posterior, PredictiveOptions, Sums } from '../engine/training/posterior';
import type { TrainedRun } from './experiment';

/** Bytes by key; it may lose any, but returns nothing else than was put. */
export interface PartStore {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Of one prediction: what it gave, or how far it came. Written and read by one build of the program. */
type Part<Result> = { readonly result: Result } | { readonly sums: Sums };

/** What takes less is computed again sooner than it is read, ms. */
const worthKeeping = 1000;

/** The run, with its predictions kept in `parts`. `identity`: all that its draws depend on. */
export function resumableRun(run: TrainedRun, parts: PartStore, identity: string, worth = worthKeeping): TrainedRun {
  const { posterior, weights, priorPrecision } = run;
  let precision = priorPrecision?.current;
  const resumable = (posterior: Posterior, masked = '') => resumablePosterior(posterior, parts, () => `${identity} ${precision} ${masked}`, worth);
  return {
    ...run,
    posterior: resumable(posterior),
    weights: { ...weights, masked: (kept) => resumable(weights.masked(kept), digest(...Object.entries(kept).flat())) },
    ...(priorPrecision && {
      priorPrecision: {
        ...priorPrecision,
        use(value) {
          priorPrecision.use(value);
          precision = value;
        },
      },
    }),
  };
}

function resumablePosterior(posterior: Posterior, parts: PartStore, identity: () => string, worth: number): Posterior {
  /** `asked`: what tells this prediction from every other of these draws. */
  async function predict<Options extends PredictiveOptions, Result>(
    asked: readonly (string | Uint8Array)[],
    options: Options,
    compute: (options: Options) => Promise<Result>,
  ): Promise<Result> {
    const key = digest(identity(), String(posterior.count(options.draws)), String(options.seed), ...asked);
    const stored = await parts.get(key);
    const part = stored && (deserialize(stored) as Part<Result>);
    if (part && 'result' in part) return part.result;
    let writing = Promise.resolve();
    const put = (value: Part<Result>) => {
      const bytes = serialize(value);
      writing = writing.then(() => parts.put(key, bytes));
    };
    const start = performance.now();
    try {
      const result = await compute({ ...options, ...(part && { from: part.sums }), keep: (sums) => put({ sums }) });
      if (part || performance.now() - start >= worth) put({ result });
      return result;
    } finally {
      await writing;
    }
  }
  return {
    count: (requested) => posterior.count(requested),
    classify: (x, rows, options, watch) => predict(['classify', bytesOf(x)], options, (own) => posterior.classify(x, rows, own, watch)),
    regress: (x, rows, options, watch) => predict(['regress', bytesOf(x)], options, (own) => posterior.regress(x, rows, own, watch)),
    inputGradient: (x, y, options) => predict([options.loss, bytesOf(x), bytesOf(y)], options, (own) => posterior.inputGradient(x, y, own)),
    close: () => posterior.close(),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** Of the parts, each with its length, so that no two lists give the same text. */
function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex');
}
