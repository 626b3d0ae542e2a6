/** @file The datasets that a model can be shown, as choices of a form. */
import type { SettingsSchema } from '../../../src-main/contract/catalogue';
import type { DatasetStatus } from '../../../src-main/contract/dataset';

/** Images that the workbench makes itself. */
const made = ['noise', 'blank'];

/** The schema with its setting `dataset`, if it has one, as a choice of what is at hand and has the shape of `own`'s rows. */
export function withChoices(
  schema: SettingsSchema,
  datasets: readonly Pick<DatasetStatus, 'id' | 'state' | 'inputShape'>[],
  own: Pick<DatasetStatus, 'id' | 'inputShape'> | undefined,
): SettingsSchema {
  const properties = schema['properties'] as { readonly [name: string]: SettingsSchema } | undefined;
  if (!properties?.['dataset'] || !own) return schema;
  const { default: first, ...dataset } = properties['dataset'];
  const fits = datasets.filter(({ id, state, inputShape }) => id !== own.id && state === 'ready' && inputShape.join() === own.inputShape.join());
  const choices = [...fits.map(({ id }) => id), ...made];
  const offered = { ...dataset, enum: choices, default: typeof first === 'string' && choices.includes(first) ? first : choices[0]! };
  return { ...schema, properties: { ...properties, dataset: offered } };
}
