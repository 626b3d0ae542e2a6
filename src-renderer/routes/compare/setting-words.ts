/** @file Places of a run's document and what stands there, in the words of the forms. */
import type { Catalogue, CatalogueEntry, SettingsSchema } from '../../../src-main/contract/catalogue';
import { fieldsOf, sentence, type Field } from '../../components/schema-fields';

interface Place {
  /** `Method`, `Layer 2`, `Layer 2, prior`. */
  readonly subject: string;
  readonly entries: readonly CatalogueEntry[];
  /** Schema of what is no registry entry. */
  readonly schema?: SettingsSchema;
  /** Name of the setting; absent: which entry it is. */
  readonly setting?: string | undefined;
}

function placeOf(path: string, catalogue: Catalogue): Place {
  const [section = '', ...rest] = path.split('.');
  if (section === 'architecture') {
    const [, layer, ...setting] = rest;
    const subject = `Layer ${Number(layer) + 1}`;
    return setting[0] === 'prior'
      ? { subject: `${subject}, prior`, entries: catalogue.priors, setting: setting[1] }
      : { subject, entries: catalogue.layers, schema: catalogue.layerSwitches, setting: setting[0] };
  }
  const entries = { method: catalogue.methods, prior: catalogue.priors, likelihood: catalogue.likelihoods, dataset: catalogue.datasets }[section];
  if (entries) return { subject: sentence(section), entries, setting: rest[0] };
  if (section === 'training' || section === 'compute') return { subject: sentence(section), entries: [], schema: catalogue[section], setting: rest[0] };
  return { subject: section === 'from' ? 'Starts from' : sentence(section), entries: [] };
}

const fieldOf = ({ entries, schema, setting }: Place): Field | undefined =>
  [...entries.map(({ settings }) => settings), ...(schema ? [schema] : [])].flatMap(fieldsOf).find(({ key }) => key === setting);

/** `method.learningRate` → `Method: Learning rate`. */
export function settingTitle(path: string, catalogue: Catalogue): string {
  const place = placeOf(path, catalogue);
  if (place.setting === undefined) return place.subject;
  const field = fieldOf(place);
  return `${place.subject}: ${field?.title ?? sentence(place.setting)}${field?.unit ? ` (${field.unit})` : ''}`;
}

/** The title of a registry entry, `on`, the label of a choice, or the value as it is. */
export function settingText(path: string, value: string | undefined, catalogue: Catalogue): string {
  if (value === undefined) return '–';
  const place = placeOf(path, catalogue);
  if (place.setting === undefined) return place.entries.find(({ id }) => id === value)?.title ?? value;
  const field = fieldOf(place);
  if (field?.kind === 'switch') return value === 'true' ? 'on' : 'off';
  return (field?.kind === 'choice' ? field.options.find((option) => String(option.value) === value)?.label : undefined) ?? value;
}
