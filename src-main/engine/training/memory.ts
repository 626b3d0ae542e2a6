/** @file Whether a training fits into memory, found out before it starts; and what would fit if it does not. */
import { WorkbenchError } from '../../contract/errors';
import type { RunSpec } from '../../contract/spec';
import type { Device, MemoryUse } from '../backends/device';
import { inferenceMethods } from '../inference';
import { sizeOf, type TensorSpecs } from '../numerics/host-tensor';
import { batchSpecs } from './batch-specs';
import { buildBayesianModel, type BayesianModel, type DataShape } from './bayesian-model';
import { initialStep } from './initial-state';
import { planTraining } from './plan';
import { stepIdentity } from './step-programs';

/** Batches up to this many rows are traced as they are. The need of larger ones grows in proportion, and tracing them would itself take memory. */
const tracedRows = 512;

/** Settings that multiply what a step holds at once. */
const multiples: readonly { readonly keys: readonly string[]; readonly title: string }[] = [
  { keys: ['draws', 'firstEpochDraws'], title: 'draws per step' },
  { keys: ['members'], title: 'members' },
  { keys: ['chains'], title: 'chains' },
];

type Need = (batchRows: number) => Promise<MemoryUse>;

/** @throws WorkbenchError `unsupported` with the figures that would fit, also if an operation of any step cannot be compiled */
export async function requireMemory(spec: RunSpec, data: DataShape, device: Device): Promise<void> {
  if (!device.footprint || !device.memory) return;
  const rows = planTraining(spec.training, data.rows, buildBayesianModel(spec, data)).batchSize;
  const need = await trainingNeed(spec, data, device)(rows);
  const limit = device.memory();
  if (fits(need, limit)) return;
  const offers = [
    await largest(rows, trainingNeed(spec, data, device), limit).then((n) => n && `a batch size of at most ${say(n)} (instead of ${say(rows)})`),
    ...(await Promise.all(fewerMultiples(spec, data, device, rows, limit))),
  ].filter((offer) => offer);
  throw new WorkbenchError(
    'unsupported',
    `This run takes about ${gibibytes(need.total)} of memory, and ${gibibytes(limit.total)} can be had; choose ${offers.join(', or ') || 'a smaller network'}`,
    { details: { path: 'training.batchSize' } },
  );
}

const say = (value: number) => value.toLocaleString('en');
const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(2)} GB`;
const fits = (need: MemoryUse, limit: MemoryUse): boolean => need.total <= limit.total && need.shared <= limit.shared;

/** The largest number below `asked` that fits, or 0, by bisection: the need grows with it. */
async function largest(asked: number, need: Need, limit: MemoryUse): Promise<number> {
  let [fitting, tooMany] = [0, asked];
  while (tooMany - fitting > Math.max(1, fitting / 100)) {
    const middle = (fitting + tooMany) >> 1;
    if (fits(await need(middle), limit)) fitting = middle;
    else tooMany = middle;
  }
  return fitting;
}

const fewerMultiples = (spec: RunSpec, data: DataShape, device: Device, rows: number, limit: MemoryUse): Promise<string>[] =>
  multiplesOf(spec).map(async ({ title, asked, fewer }) => {
    const n = await largest(asked, (n) => trainingNeed(fewer(n), data, device)(rows), limit);
    return n ? `at most ${say(n)} ${title} (instead of ${say(asked)})` : '';
  });

/** What a device that ran out of memory, without saying more than `share`, would rather be asked: see `readProviderFault`. One clause. */
export function suggestLess(spec: RunSpec, data: DataShape, share = 0.5): string {
  const { batchSize } = planTraining(spec.training, data.rows, buildBayesianModel(spec, data));
  const counts = [{ title: 'rows in a batch', asked: batchSize }, ...multiplesOf(spec)].filter(({ asked }) => asked > 1);
  const less = counts.map(({ title, asked }) => `${say(Math.max(1, Math.floor(asked * share)))} ${title} (instead of ${say(asked)})`);
  return less.join(', or ') || 'a smaller network';
}

/** Those of the run, with the document that has at most n of them. */
function multiplesOf(spec: RunSpec) {
  const { settings: schema } = inferenceMethods[spec.method.id as keyof typeof inferenceMethods];
  const settings: { readonly [name: string]: unknown } = schema.parse(spec.method.settings);
  return multiples.flatMap(({ keys, title }) => {
    const own = keys.filter((key) => typeof settings[key] === 'number');
    const asked = Math.max(0, ...own.map((key) => settings[key] as number));
    const fewer = (n: number): RunSpec => {
      const clipped = own.map((key) => [key, Math.min(settings[key] as number, n)]);
      return { ...spec, method: { ...spec.method, settings: { ...spec.method.settings, ...Object.fromEntries(clipped) } } };
    };
    return asked < 2 ? [] : [{ title, asked, fewer }];
  });
}

function trainingNeed(spec: RunSpec, data: DataShape, device: Device): Need {
  const model = buildBayesianModel(spec, data);
  return async (rows) => {
    if (rows <= tracedRows) return tracedNeed(spec, model, device, rows);
    const half = await tracedNeed(spec, model, device, tracedRows / 2);
    const full = await tracedNeed(spec, model, device, tracedRows);
    const at = (part: keyof MemoryUse) => full[part] + ((rows - tracedRows) * (full[part] - half[part])) / (tracedRows / 2);
    return { total: at('total'), shared: at('shared') };
  };
}

/** State and every step that the schedule names, held at once as the runner does. */
async function tracedNeed(spec: RunSpec, model: BayesianModel, device: Device, rows: number): Promise<MemoryUse> {
  const { algorithm } = model;
  const { info: state } = await device.footprint!(initialStep(model), { state: {} }, `${model.identity} init`);
  const batch = batchSpecs(model, rows);
  const use = { total: stateBytes(state), shared: stateBytes(state) };
  for (const { step, hyper } of moves(spec, model)) {
    const shapes = { state, batch, hyper: Object.keys(hyper) };
    const { total, shared } = await device.footprint!(algorithm.steps[step]!, shapes, stepIdentity(model, step));
    use.total += total;
    use.shared += shared;
  }
  return use;
}

const stateBytes = (state: TensorSpecs): number => Object.values(state).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);

/** One move for each step that is taken early, late or in between. */
function moves({ training }: RunSpec, model: BayesianModel) {
  const { steps, stepsPerEpoch, epochs, time } = planTraining(training, model.data.rows, model);
  const starts = [0, 1, Math.floor(epochs / 2), training.epochs - 1, training.epochs, epochs - 1].map((epoch) => epoch * stepsPerEpoch);
  const places = starts.flatMap((first) => [first, first + stepsPerEpoch - 1]).filter((step) => step < steps);
  const named = places.map((step) => model.algorithm.schedule(time(step)));
  return new Map(named.map((move) => [move.step, move])).values();
}
