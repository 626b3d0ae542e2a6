/** @file Where the time of one step goes, phase by phase, beside the floor of each. The device's own code runs, with clocks around its parts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { openDevice } from '../src-main/engine/backends';
import { openNoise } from '../src-main/engine/backends/noise/generator';
import { Passes } from '../src-main/engine/backends/pool/passes';
import { partition, readBy } from '../src-main/engine/compiler/fusion/partition';
import { is, reachable, sizeOf } from '../src-main/engine/compiler/graph';
import { trace } from '../src-main/engine/compiler/trace';
import type { Case } from './case';
import { convolutionFloor, floorOf, type Floor } from './floor';
import { bestOf } from './timing';
import type { Work } from '../src-main/engine/compiler/work';
import { workOfPasses, workOfProducts, workOfRest } from './work';

/** Milliseconds of a step. */
export interface Phase {
  readonly name: string;
  readonly ms: number;
  /** Null where there is nothing that must be done. */
  readonly floorMs: number | null;
  readonly note: string;
}

const seconds = 4;
const warmUp = 3;
const products: ReadonlySet<string> = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'FusedGemm', 'Conv', 'FusedConv', 'ConvTranspose']);

/** An event of ONNX Runtime's profile; durations in microseconds. */
interface Event {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly op_name: string };
}

type Parts = { before: number; core: number; after: number };

/** Puts clocks around passes and sessions, until `restore`. ONNX Runtime's own profile costs about a microsecond for each operation. */
function instrument(folder: string) {
  const clock: Parts = { before: 0, core: 0, after: 0 };
  const { create } = InferenceSession;
  const { before, after } = Passes.prototype;
  const timed = (phase: 'before' | 'after', work: typeof before): typeof before =>
    function (this: Passes, inputs) {
      const start = performance.now();
      work.call(this, inputs);
      clock[phase] = performance.now() - start;
    };
  Passes.prototype.before = timed('before', before);
  Passes.prototype.after = timed('after', after);
  let session: InferenceSession | undefined;
  const profiled = async (model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> => {
    const created = await create(model, { ...options, enableProfiling: true, profileFilePrefix: join(folder, 'profile') });
    const run = created.run.bind(created);
    created.run = (async (...feeds: Parameters<typeof run>) => {
      const start = performance.now();
      try {
        return await run(...feeds);
      } finally {
        clock.core = performance.now() - start;
      }
    }) as typeof run;
    session = created;
    return created;
  };
  Object.assign(InferenceSession, { create: profiled });
  return {
    clock,
    endProfiling: () => session?.endProfiling(),
    restore() {
      Object.assign(Passes.prototype, { before, after });
      Object.assign(InferenceSession, { create });
    },
  };
}

/** Milliseconds of the session's n-th run by ONNX Runtime's name of the operation, the longest first. */
function operations(folder: string, n: number): [name: string, ms: number][] {
  const events = readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[]);
  const run = events.filter(({ name }) => name === 'model_run')[n]!;
  const total = new Map<string, number>();
  for (const { cat, name, ts, dur, args } of events)
    if (cat === 'Node' && name.endsWith('_kernel_time') && ts >= run.ts && ts < run.ts + run.dur)
      total.set(args.op_name, (total.get(args.op_name) ?? 0) + dur / 1000);
  return [...total].sort(([, a], [, b]) => b - a);
}

/** The phases of the least disturbed of many steps on the CPU device. */
export async function profile({ step, shapes, state, batch, hyper }: Case, threads: number, floor: Floor): Promise<Phase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'credence-profile-'));
  const instruments = instrument(folder);
  const device = await openDevice('onnxruntime-cpu', { threads });
  const noise = await openNoise(threads);
  try {
    const uploaded = device.upload(state);
    const program = await device.compile(step, shapes);
    let best: Parts & { total: number; count: number } = { before: 0, core: 0, after: 0, total: Infinity, count: 0 };
    const end = performance.now() + 1000 * seconds;
    for (let count = 0; count < warmUp + 3 || performance.now() < end; count++) {
      const start = performance.now();
      await program.run({ state: uploaded, batch, hyper, noise: { seed: 1, step: count } });
      const total = performance.now() - start;
      if (count >= warmUp && total < best.total) best = { ...instruments.clock, total, count };
    }
    instruments.endProfiling();
    const all = operations(folder, best.count);

    const traced = trace(step, shapes);
    const parts = partition(traced);
    const early = new Set([
      ...parts.before.flatMap((cluster) => [...readBy(cluster)].map((node) => cluster.buffers.get(node)!)),
      ...reachable(Object.values(parts.core)).flatMap((node) => (is(node, 'input') ? [node.attributes.name] : [])),
    ]);
    const timeOf = async (inputs: typeof traced.noise): Promise<number> => {
      const draws = noise.compile(inputs);
      return inputs.length === 0 ? 0 : bestOf(async () => draws.fill({ seed: 1, step: 0 }));
    };
    const [drawnBefore, drawnAfter] = [
      await timeOf(traced.noise.filter(({ name }) => early.has(name))),
      await timeOf(traced.noise.filter(({ name }) => !early.has(name))),
    ];
    const normals = traced.noise.reduce((values, { shape }) => values + sizeOf(shape), 0);

    const multiplying = all.filter(([name]) => products.has(name));
    const others = all.filter(([name]) => !products.has(name));
    const sum = (list: typeof all) => list.reduce((ms, [, own]) => ms + own, 0);
    const names = (list: typeof all) => list.map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(', ');
    const phase = (name: string, ms: number, work: Work | null, note: string): Phase => ({ name, ms, floorMs: work && floorOf(work, floor), note });
    const multiplications = workOfProducts(parts.core);
    const convolving = await convolutionFloor(device, multiplications.convolutions);
    return [
      phase('noise', drawnBefore + drawnAfter, { normals, bytes: 4 * normals, flops: 0 }, `${(normals / 1e6).toFixed(2)} million values`),
      phase('prologue', best.before - drawnBefore, workOfPasses(parts.before), `${parts.before.length} fused passes, without their noise`),
      { name: 'products', ms: sum(multiplying), floorMs: floorOf(multiplications, floor) + convolving, note: names(multiplying) },
      phase('other operations', sum(others), workOfRest(parts.core), names(others)),
      phase('epilogue', best.after - drawnAfter, workOfPasses(parts.after), `${parts.after.length} fused passes, without their noise`),
      phase('host', best.total - best.before - best.after - sum(all), null, `${(best.core - sum(all)).toFixed(2)} ms of it in calls of ONNX Runtime`),
      phase('step', best.total, null, ''),
    ];
  } finally {
    instruments.restore();
    await noise.close();
    await device.close();
    rmSync(folder, { recursive: true });
  }
}
