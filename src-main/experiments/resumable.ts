/**
 * @file A study that is cut off goes on where it was. Studies are deterministic, and what takes long in them are predictions: each is kept
 * under all that it depends on, so that the study, begun again, finds what it asked before and comes to the same result.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { ChainDraw, Chains, Heard } from '../engine/training/chain-draws';
import type { Posterior, PredictiveOptions, Sums } from '../engine/training/posterior';
import type { TrainedRun } from './experiment';

/** Bytes by key; it may lose any, but returns nothing else than was put. */
export interface PartStore {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Of one prediction: what it gave, or how far it came. */
type Part<Result> = { readonly result: Result } | { readonly sums: Sums };

/** What takes less is computed again sooner than it is read, ms. */
const worthKeeping = 1000;
/** How often a chain's diagnosis is written while it is under way, ms. */
const writeInterval = 5000;

/** The run, with what is computed of its draws kept in `parts`. `identity`: all that the draws depend on. `worth`: what takes less, ms, is not kept. */
export function resumableRun(run: TrainedRun, parts: PartStore, identity: string, worth = worthKeeping): TrainedRun {
  const { posterior, weights, priorPrecision, chains } = run;
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
    ...(chains && { chains: resumableChains(chains, parts, identity) }),
  };
}

function resumablePosterior(posterior: Posterior, parts: PartStore, identity: () => string, worth: number): Posterior {
  /** `asked`: what tells this prediction from every other of these draws. */
  async function predict<Options extends PredictiveOptions, Result>(
    asked: readonly (string | Uint8Array)[],
    options: Options,
    compute: (options: Options) => Promise<Result>,
  ): Promise<Result> {
    const place = openPlace<Part<Result>>(parts, digest(identity(), String(posterior.count(options.draws)), String(options.seed), ...asked));
    const part = await place.read();
    if (part && 'result' in part) return part.result;
    const start = performance.now();
    try {
      const result = await compute({ ...options, ...(part && { from: part.sums }), keep: (sums) => place.write({ sums }) });
      if (part || performance.now() - start >= worth) place.write({ result });
      return result;
    } finally {
      await place.written();
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

const resumableChains = (chains: Chains, parts: PartStore, identity: string): Chains => ({
  ...chains,
  async visit(x, rows, train, receive, options) {
    const place = openPlace<readonly Heard[]>(parts, digest(identity, 'chains', bytesOf(x)));
    const known = (await place.read()) ?? [];
    const heard = [...known];
    let [visited, written] = [0, performance.now()];
    const listen = (draw: ChainDraw) => {
      if (visited++ >= known.length) heard.push({ outputs: draw.outputs.slice(), temperature: draw.temperature });
      if (performance.now() - written >= writeInterval) {
        place.write(heard);
        written = performance.now();
      }
      receive(draw);
    };
    try {
      await chains.visit(x, rows, train, listen, { ...options, known });
    } finally {
      if (heard.length > known.length) place.write(heard);
      await place.written();
    }
  },
});

/** One place in the store. What is written there is read by the same build of the program only. */
function openPlace<Value>(parts: PartStore, key: string) {
  let writing = Promise.resolve();
  return {
    async read(): Promise<Value | undefined> {
      const bytes = await parts.get(key);
      return bytes && (deserialize(bytes) as Value);
    },
    /** Takes the value as it is now; one write after the other. */
    write(value: Value): void {
      const bytes = serialize(value);
      writing = writing.then(() => parts.put(key, bytes));
    },
    written: () => writing,
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** Of the parts, each with its length, so that no two lists give the same text. */
function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex');
}
