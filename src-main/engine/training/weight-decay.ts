/** @file What others call a Gaussian prior. */
import type { Target } from '../inference/method';

/**
 * The prior's precision λ = 1/sd² as weight decay: the objective per row has the term λ/(2N) ‖w‖², so that its gradient decays the weights by λ/N.
 * Undefined where parameters have different priors, or others than a Gaussian one.
 */
export function describeWeightDecay({ prior, rows }: Pick<Target, 'prior' | 'rows'>): string | undefined {
  const [precision, ...others] = new Set(Object.values(prior).map((own) => own.precision));
  if (precision === undefined || others.length > 0) return undefined;
  const short = (value: number) => String(Number(value.toPrecision(3)));
  return `The Gaussian prior has precision ${short(precision)}: weight decay ${short(precision / rows)} on a loss averaged over the ${rows.toLocaleString('en')} rows`;
}
