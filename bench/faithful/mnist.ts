/**
 * @file MNIST: each method on 784-1200-1200-10 against the table of the reference repository (JavierAntoran/Bayesian-Neural-Networks, README), whose
 * runs last 60 to 200 epochs, and LeNet-5. Ours are shorter; the schedule of each is part of its row.
 */
import { Evaluation } from '../../src-main/contract/experiment';
import { PriorPrecision } from '../../src-main/contract/prior-precision';
import type { RunSpecInput } from '../../src-main/contract/spec';
import { presets } from '../../src-main/engine/nn/presets';
import { cases, type Case } from './mnist-cases';
import { atLeast, atMost, type Row } from './row';
import type { Workbench } from './workbench';

const draws = 100;
const testRows = 10_000;
/** Of the study of precisions: rows and draws at each. */
const heldOut = { rows: 2000, draws: 30 };

/** All 60,000 images are trained on, as in the reference. */
const specOf = ({ method, prior, epochs, batchSize = 100, preset = '1200-1200' }: Case): RunSpecInput => ({
  dataset: { id: 'mnist' },
  architecture: presets.find(({ id }) => id === preset)!.architecture,
  likelihood: { id: 'categorical' },
  prior,
  method,
  training: { epochs, batchSize, validationFraction: 0, validateEvery: epochs, checkpointEvery: 60 },
});

/** The multiple of the precision under which the held-out rows of a training on the others are most likely. The test images are not looked at. */
async function chosenPrecision(workbench: Workbench, entry: Case, settings: NonNullable<Case['precisions']>): Promise<number> {
  const spec = specOf(entry);
  const pilot = await workbench.train(`mnist/${entry.id}-precision`, { ...spec, training: { ...spec.training, validationFraction: 0.1 } });
  const found = (await workbench.experiment('prior-precision', [pilot], { ...settings, ...heldOut }, PriorPrecision)).runs[0]!;
  return found.precision[found.nll.indexOf(Math.min(...found.nll))]!;
}

function row(entry: Case): Row {
  const { id, title, method, prior, epochs, batchSize = 100, minutes, published, error, logLikelihood, preset = '1200-1200', from, precisions } = entry;
  const settings = Object.entries(method.settings ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return {
    id: `mnist/${id}`,
    title,
    group: 'MNIST',
    method: method.id,
    how: `${preset}${from ? ` from the weights of ${from}` : ''}, prior ${[prior.id, ...Object.values(prior.settings ?? {})].join(' ')}, ${epochs} epochs of batch ${batchSize}, ${settings.join(', ')}; the last checkpoint, ${draws} draws.${precisions ? ` The precision of the prior among ${precisions.points} from 10^${precisions.lowest} to 10^${precisions.highest} times its own, by the NLL of ${heldOut.rows} of 6,000 validation images of a training on the other 54,000; no test image had a part in it.` : ''}`,
    minutes,
    async run(workbench) {
      const origin = from && (await workbench.train(`mnist/${from}`, specOf(cases.find((other) => other.id === from)!)));
      const precision = precisions && (await chosenPrecision(workbench, entry, precisions));
      const chosen = precision === undefined ? {} : { precision: 'given', precisionFactor: precision };
      const spec = specOf({ ...entry, method: { ...method, settings: { ...method.settings, ...chosen } } });
      const run = await workbench.train(`mnist/${id}`, { ...spec, ...(origin && { from: origin.id }) });
      const found = await workbench.experiment('evaluate', [run], { draws, images: 0 }, Evaluation);
      if (found.task !== 'classification') throw new Error('MNIST is a classification');
      const likelihood = -found.nllSum;
      const printed = { unit: '', target: 'printed only', holds: true };
      const bound = logLikelihood ?? (published && { limit: 1.05 * published.logLikelihood, because: `${published.logLikelihood} − 5 %` });
      return [
        error || !published
          ? atMost('test error', 100 * found.error, error?.limit ?? 100, '%', error?.because ?? 'no claim')
          : atMost('test error', 100 * found.error, published.error + 200 * standardError(published.error / 100), '%', `${published.error} + 2 SE`),
        bound
          ? atLeast('log-likelihood', likelihood, bound.limit, 'nats', bound.because)
          : { ...printed, name: 'log-likelihood', value: likelihood, unit: 'nats' },
        { ...printed, name: 'ECE', value: 100 * found.ece, unit: '%' },
        ...(precision === undefined ? [] : [{ ...printed, name: 'precision chosen', value: precision, unit: '× the prior’s', target: 'on validation images' }]),
      ];
    },
  };
}

/** Of an error rate p measured on the test rows. */
const standardError = (p: number): number => Math.sqrt((p * (1 - p)) / testRows);

export const mnist: readonly Row[] = cases.map(row);
