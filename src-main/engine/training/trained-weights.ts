/** @file A start from the trained weights of an earlier run: an ordinary network becomes a Bayesian one. */
import { WorkbenchError } from '../../contract/errors';
import type { RunSpec, SpecProblem } from '../../contract/spec';
import type { Device } from '../backends/device';
import type { HostTensors } from '../numerics/host-tensor';
import { buildBayesianModel, type BayesianModel, type DataShape } from './bayesian-model';
import { StateDraws } from './draw-source';

/** Why the weights of one run cannot be the start of another; empty = they can. Weights that the new run has no use for are left out. */
function mismatches(model: BayesianModel, origin: BayesianModel): readonly string[] {
  if (origin.method.randomDraws)
    return [`A run can start from a point estimate only; ${origin.method.title} has many sets of weights. Choose a finished MAP run.`];
  if (model.target.parameters.some(({ role }) => role === 'scale'))
    return [
      'A prior that makes each weight of several scales, such as the horseshoe, cannot take over single weights; choose a Gaussian or Laplace prior, or start afresh.',
    ];
  const trained = new Map(origin.target.parameters.map(({ name, shape }) => [name, shape.join(' × ')]));
  return model.target.parameters
    .filter(({ name, role, shape }) => role !== 'noise' && trained.get(name) !== shape.join(' × '))
    .map(
      ({ name, shape }) =>
        `The weights ${name} are ${shape.join(' × ')} here and ${trained.get(name) ?? 'absent'} in the run to start from; give both the same layers in the same order.`,
    );
}

/** Faults of `from`, once the new run's own document is sound. */
export function checkOrigin(spec: RunSpec, origin: RunSpec, data: DataShape): SpecProblem[] {
  return mismatches(buildBayesianModel(spec, data), buildBayesianModel(origin, data)).map((message) => ({ path: 'from', message }));
}

/**
 * The state of step 0 with the trained weights of `origin` in it.
 * @throws WorkbenchError `shape-mismatch`, `unsupported`
 */
export async function startFrom(
  model: BayesianModel,
  state: HostTensors,
  origin: { readonly model: BayesianModel; readonly state: HostTensors },
  device: Device,
): Promise<HostTensors> {
  const [problem] = mismatches(model, origin.model);
  if (problem || !model.algorithm.adopt) throw new WorkbenchError('shape-mismatch', problem ?? 'This method cannot start from trained weights.');
  const uploaded = device.upload(origin.state);
  const source = new StateDraws(origin.model, device, uploaded);
  try {
    const weights = await source.weights(0, 1, 0);
    const known = new Set(model.target.parameters.map(({ name }) => name));
    const taken = Object.entries(weights).filter(([name]) => known.has(name));
    const copies = taken.map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as typeof tensor] as const);
    const adopted = model.algorithm.adopt(state, Object.fromEntries(copies));
    const changed = Object.keys(adopted).find((path) => adopted[path]!.shape.join() !== state[path]?.shape.join());
    if (changed)
      throw new WorkbenchError('unsupported', `${model.method.title} holds several networks at once and cannot start from the weights of one; start afresh.`);
    return adopted;
  } finally {
    await source.close();
    uploaded.dispose();
  }
}
