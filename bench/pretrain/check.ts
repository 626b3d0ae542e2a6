/** @file Whether a pretrained model, opened as a user opens it, is what its card says. */
import { Evaluation } from '../../src-main/contract/experiment';
import type { PretrainedCard, PretrainedMetrics } from '../../src-main/contract/pretrained';
import { Run } from '../../src-main/contract/run';
import type { Workbench } from '../faithful/workbench';
import { metricsOf, probeOf } from './make';

/** Other machines sum in another order; a draw's last bits may then turn a row or two. */
const tolerance = { metric: 2e-3, probability: 1e-3 };

/** @throws Error that names what differs */
export async function checkModel(workbench: Workbench, card: PretrainedCard): Promise<PretrainedMetrics> {
  const run = Run.parse(await workbench.call('pretrained.open', card.id));
  const found = metricsOf(await workbench.experiment('evaluate', [run], { draws: card.metrics.draws }, Evaluation));
  const flat = ({ task: _task, uncertainty, ...numbers }: PretrainedMetrics) => Object.entries({ ...numbers, ...uncertainty });
  const expected = new Map(flat(card.metrics));
  for (const [name, value] of flat(found)) {
    const told = expected.get(name)!;
    if (Math.abs(value - told) > tolerance.metric * Math.max(1, Math.abs(told))) throw new Error(`its ${name} is ${value}, its card says ${told}`);
  }
  if (card.probe) {
    const { probabilities } = await probeOf(workbench, run);
    const apart = Math.max(...probabilities.map((p, i) => Math.abs(p - card.probe!.probabilities[i]!)));
    if (apart > tolerance.probability) throw new Error(`of the image on its card it says something else: probabilities differ by ${apart}`);
  }
  return found;
}
