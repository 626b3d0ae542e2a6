/** @file What the diagnostics of chains say in plain words, and what to do about it. */
import type { DiagnosedRun, SpaceDiagnosis } from '../contract/chains';
import { areEnough, fewestDraws, haveMixed, mixingLimits as limits } from '../engine/metrics/mixing';

type Findings = Omit<DiagnosedRun, 'advice'>;

export function tooFewDraws(chains: number, draws: number): string | null {
  if (areEnough(chains, draws)) return null;
  return `R̂ and effective sample sizes are not computed: they need at least ${fewestDraws.chains} chains of ${fewestDraws.draws} draws, and this run kept ${chains} of ${draws}. Train with more chains or draws.`;
}

const disagree = ({ agreement }: SpaceDiagnosis): boolean => agreement !== null && !haveMixed(agreement.rhat);

const percent = (share: number) => `${Math.round(100 * share)} %`;

export function adviseOn({ chains, predictions, weights, temperature }: Findings): DiagnosedRun['advice'] {
  const advice: DiagnosedRun['advice'] = [];
  const { wanted, found, standardError } = temperature;
  const excess = found - wanted;
  if (Math.abs(excess) > 3 * standardError && Math.abs(excess) > 0.1 * Math.max(wanted, 0.1))
    advice.push({
      severity: 'warning',
      text:
        excess > 0
          ? `The chain is hotter than it should be: a configurational temperature of ${found.toFixed(2)} ± ${standardError.toFixed(2)} instead of ${wanted}. The step is too large, or the chain still falls towards the posterior. Halve the step size, take larger batches, or lengthen the burn-in.`
          : `The chain is colder than it should be: a configurational temperature of ${found.toFixed(2)} ± ${standardError.toFixed(2)} instead of ${wanted}. It has not filled its posterior yet. Train longer, or with larger steps.`,
    });
  if (predictions.agreement) {
    const { rhat, bulkEss, tailEss, mixed } = predictions.agreement;
    if (disagree(predictions))
      advice.push({
        severity: 'warning',
        text: `The chains do not agree about predictions: R̂ is up to ${rhat.worst.toFixed(2)}, and at most ${limits.rhat} for ${percent(mixed)} of them. Train longer, lengthen the burn-in, or take larger steps if the temperature allows.`,
      });
    if (Math.min(bulkEss.worst, tailEss.worst) < limits.essPerChain * chains)
      advice.push({
        severity: disagree(predictions) ? 'note' : 'warning',
        text: `The draws are worth only ${Math.round(Math.min(bulkEss.worst, tailEss.worst))} independent ones for some prediction; ${limits.essPerChain} for each chain make means and quantiles trustworthy. Train longer; more draws of the same stretch add little.`,
      });
    if (disagree(weights) && !disagree(predictions))
      advice.push({
        severity: 'note',
        text: 'The chains differ in their weights but agree about predictions. Networks have many equal solutions, so that is usual and does no harm.',
      });
  }
  return advice.length > 0
    ? advice
    : [
        {
          severity: predictions.agreement ? 'fine' : 'note',
          text: predictions.agreement ? 'Nothing speaks against these chains.' : 'The temperature is as it should be; whether the chains agree cannot be said.',
        },
      ];
}
