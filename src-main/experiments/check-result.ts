/** @file A result as it may be stored: as its experiment's schema says, all numbers finite. */
import type { z } from 'zod';
import { WorkbenchError } from '../contract/errors';
import type { ExperimentKind } from './experiment';

const namedFields = 3;

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/**
 * The result as JSON. @throws WorkbenchError `diverged` where the predictive came to numbers that are not finite, which is the run's fault and
 * not the experiment's; ZodError for any other result that is not as the schema says
 */
export function checkResult({ title, result }: Pick<ExperimentKind, 'title' | 'result'>, found: unknown): z.core.util.JSONType {
  const checked = result.safeParse(found);
  if (checked.success) return checked.data as z.core.util.JSONType; // results are JSON by their schemas
  const paths = checked.error.issues.map(({ path }) => path);
  const infinite = paths.every((path) => typeof valueAt(found, path) === 'number' && !Number.isFinite(valueAt(found, path)));
  if (!infinite) throw checked.error;
  const named = paths.slice(0, namedFields).map((path) => path.join('.'));
  throw new WorkbenchError(
    'diverged',
    `${title} came to numbers that are not finite (${named.join(', ')}${paths.length > namedFields ? ' and more' : ''}): what this run predicts is beyond all bounds, as after a training or a chain that ran away. Look at its curves, and train it anew with a smaller step.`,
  );
}
