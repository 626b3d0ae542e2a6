/** @file A run of any method on rows at hand, without the app: its predictive, and the draws it kept. */
import { RunSpec, type RunSpecInput } from '../../src-main/contract/spec';
import { openDevice } from '../../src-main/engine/backends';
import type { HostTensors } from '../../src-main/engine/numerics/host-tensor';
import { buildBayesianModel, type DataShape } from '../../src-main/engine/training/bayesian-model';
import { StateDraws } from '../../src-main/engine/training/draw-source';
import { KeptDraws, type StoredDraw } from '../../src-main/engine/training/kept-draws';
import type { Rows } from '../../src-main/engine/training/minibatches';
import { DevicePosterior } from '../../src-main/engine/training/predictive';
import { train } from '../../src-main/engine/training/train';

const copyOf = (tensors: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as HostTensors[string]]));

/** Trains to the end, then gives the predictive to `use`. Targets are standardised already. */
export async function inferred<Result>(
  input: RunSpecInput,
  shape: Omit<DataShape, 'rows'>,
  rows: Rows,
  use: (posterior: DevicePosterior) => Promise<Result>,
): Promise<Result> {
  const spec = RunSpec.parse(input);
  const model = buildBayesianModel(spec, { ...shape, rows: rows.rows });
  const device = await openDevice('onnxruntime-cpu', { threads: 1 });
  const kept: StoredDraw[] = [];
  let last: HostTensors = {};
  const nothing = () => undefined;
  await train({
    ...{ model, device, training: spec.training, from: null },
    data: { train: rows, validation: { ...rows, rows: 0, x: rows.x.slice(0, 0), y: rows.y.slice(0, 0) }, ySd: 1 },
    control: () => 'run',
    listener: {
      ...{ stepMetrics: nothing, epochMetrics: nothing, progress: nothing, paused: nothing, resumed: nothing },
      async draw({ step, member, weights }) {
        const own = copyOf(weights);
        kept.push({ step, member, load: async () => own });
      },
      async checkpoint({ state }) {
        last = copyOf(state);
      },
    },
  });
  const posterior = new DevicePosterior(model, device, model.method.keepsDraws ? new KeptDraws(kept) : new StateDraws(model, device, device.upload(last)));
  try {
    return await use(posterior);
  } finally {
    await posterior.close();
    await device.close();
  }
}
