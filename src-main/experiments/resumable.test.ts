import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../contract/errors';
import { ClassAccumulator } from '../engine/training/class-accumulator';
import type { Chains } from '../engine/training/chain-draws';
import { float32 } from '../engine/numerics/host-tensor';
import type { Posterior, PredictiveOptions } from '../engine/training/posterior';
import { experiments } from '.';
import type { ExperimentContext, ExperimentKind } from './experiment';
import { resumableRun, type PartStore } from './resumable';
import { contextOf, pictures, refuse } from './testing';

/** Two classes by the first pixel and the draw; tells its sums after every draw, and counts the draws that it computed. */
function counting(stopAfter = Infinity) {
  const computed = { draws: 0 };
  const next = () => {
    if (computed.draws >= stopAfter) throw new WorkbenchError('cancelled', 'The prediction was cancelled');
    computed.draws++;
  };
  const chance = (first: number, draw: number, seed: number) => 1 / (1 + Math.exp(-5 * Math.sin(first + draw + seed)));
  const gradient = async (x: Float32Array, { draws, seed }: PredictiveOptions) => {
    for (let draw = 0; draw < draws; draw++) next();
    return x.map((value, i) => Math.sin(value + i + seed));
  };
  const posterior: Posterior = {
    count: (requested) => requested,
    async classify(x, rows, { draws, seed, from, keep }) {
      const sums = new ClassAccumulator(rows, 2, draws);
      from?.arrays.forEach((values, i) => sums.arrays[i]!.set(values));
      for (let draw = from?.done ?? 0; draw < draws; draw++) {
        next();
        for (let row = 0; row < rows; row++) {
          const p = chance(x[(row * x.length) / rows]!, draw, seed);
          sums.add(draw, row, 1, Float32Array.of(1 - p, p));
        }
        keep?.({ done: draw + 1, arrays: sums.arrays });
      }
      return sums.result();
    },
    regress: refuse,
    inputGradient: (x, _y, options) => gradient(x, options),
    close: async () => undefined,
  };
  return { posterior, computed };
}

const store = (): PartStore & { readonly kept: Map<string, Uint8Array> } => {
  const kept = new Map<string, Uint8Array>();
  return { kept, get: async (key) => kept.get(key), put: async (key, bytes) => void kept.set(key, bytes) };
};

const random = (count: number) => Array.from({ length: count }, (_, i) => (97 * i * i + 31 * i) % 256);
const labels = Array.from({ length: 20 }, (_, i) => i % 2);
const data = pictures(random(80), labels, { inputShape: [2, 2, 1], imageShape: [2, 2] });
const dataset = { ...data, validation: { rows: 12, x: data.test.x.subarray(0, 48), y: data.test.y.subarray(0, 12) } };
const moments = async () => ({
  exact: true,
  tensors: [
    { name: 'w', role: 'kernel' as const, prior: { density: (w: number) => -w * w }, mean: Float64Array.of(1, 2, 3, 4), sd: Float64Array.of(1, 1, 1, 1) },
  ],
});

function study(kind: ExperimentKind, settings: object, posterior: Posterior, parts: PartStore, identity = 'run 1'): Promise<unknown> {
  const context = contextOf(dataset, posterior);
  const [run] = context.runs;
  const weighed = { ...run!, weights: { ...run!.weights, moments } };
  const studied: ExperimentContext = { ...context, runs: [resumableRun(weighed, parts, identity, 0)] };
  return kind.run(studied, kind.settings.parse(settings));
}

describe.each([
  ['evaluate', { draws: 5 }],
  ['ood-detection', { draws: 5, dataset: 'noise', resamples: 20 }],
  ['rotation', { draws: 2, image: 1, imageAngles: 2, angles: 3 }],
  ['adversarial', { draws: 3, attack: 'pgd', steps: 2, points: 3 }],
  ['calibration', { draws: 4 }],
  ['pruning', { draws: 2 }],
] as const)('%s, cut off', (id, settings) => {
  const kind: ExperimentKind = experiments[id];

  // Mutations caught: predictions told apart by too little, a part that begins at the wrong draw, sums that are kept twice.
  it('wherever it is cut off, goes on to the same result and computes no finished prediction again', async () => {
    const whole = counting();
    const expected = await study(kind, settings, whole.posterior, store());
    const total = whole.computed.draws;
    for (const stopAfter of [0, 1, Math.floor(total / 2), total - 1]) {
      const parts = store();
      const cut = counting(stopAfter);
      await expect(study(kind, settings, cut.posterior, parts)).rejects.toThrow('cancelled');
      const rest = counting();
      expect(await study(kind, settings, rest.posterior, parts)).toEqual(expected);
      const again = id === 'adversarial' ? 2 : 0; // gradients are kept when they are whole; here they tell nothing in between
      expect(rest.computed.draws - (total - stopAfter)).toBeLessThanOrEqual(again);
    }
  });

  it('takes nothing from draws of another kind', async () => {
    const parts = store();
    await study(kind, settings, counting().posterior, parts);
    const other = counting();
    await study(kind, settings, other.posterior, parts, 'run 1, trained on');
    expect(other.computed.draws).toBeGreaterThan(0);
  });
});

it('hears no draw of a chain twice', async () => {
  const listening = (stopAfter: number) => {
    let computed = 0;
    const visit: Chains['visit'] = async (_x, rows, _train, receive, { known = [] }) => {
      for (let i = 0; i < 6; i++) {
        if (!known[i] && computed === stopAfter) throw new WorkbenchError('cancelled', 'The diagnosis was cancelled');
        if (!known[i]) computed++;
        const heard = known[i] ?? { outputs: Float32Array.from({ length: 2 * rows }, (_, j) => Math.sin(7 * i + j)), temperature: 1 + Math.sin(i) };
        receive({ step: i, member: i % 2, weights: { w: float32([2], Float32Array.of(i, -i)) }, ...heard });
      }
    };
    const [run] = contextOf(dataset, counting().posterior).runs;
    return { run: { ...run!, chains: { count: 6, temperature: 1, visit } }, computed: () => computed };
  };
  const diagnose = ({ run }: ReturnType<typeof listening>, parts: PartStore) => {
    const studied = { ...contextOf(dataset, run.posterior), runs: [resumableRun(run, parts, 'run 1')] };
    return experiments.chains.run(studied, experiments.chains.settings.parse({ rows: 3, weights: 1 }));
  };
  const expected = await diagnose(listening(Infinity), store());
  const parts = store();
  await expect(diagnose(listening(4), parts)).rejects.toThrow('cancelled');
  const rest = listening(Infinity);
  expect(await diagnose(rest, parts)).toEqual(expected);
  expect(rest.computed()).toBe(2);
});

it('keeps nothing that is computed again sooner than it is read', async () => {
  const parts = store();
  const { posterior } = counting();
  const quick: Posterior = { ...posterior, classify: (x, rows, { draws, seed }) => posterior.classify(x, rows, { draws, seed }) };
  const [run] = contextOf(dataset, quick).runs;
  await resumableRun(run!, parts, 'run 1').posterior.classify(dataset.test.x, 20, { draws: 3, seed: 1 });
  expect(parts.kept.size).toBe(0);
});
