/** @file What a layer's card says of its settings and weights. */
import type { CatalogueEntry } from '../../../src-main/contract/catalogue';
import type { LayerSpec } from '../../../src-main/contract/spec';

const words = { bayesian: 'not Bayesian', sample: 'not sampled', trainable: 'frozen' } as const;
const switches = Object.keys(words) as (keyof typeof words)[];

/** The switches that are off, as a form's values. */
export const switchesOf = (layer: LayerSpec): Record<string, false> =>
  Object.fromEntries(switches.flatMap((name) => (layer[name] === false ? [[name, false] as const] : [])));

/** The layer with exactly these switches off. */
export const withSwitches = ({ kind, settings, prior }: LayerSpec, values: Readonly<Record<string, unknown>>): LayerSpec => ({
  kind,
  settings,
  ...(prior && { prior }),
  ...Object.fromEntries(switches.flatMap((name) => (values[name] === false ? [[name, false] as const] : []))),
});

/** 'units 400 · relu'; at most three settings that differ from nothing. */
export function settingsText({ settings }: LayerSpec, entry: CatalogueEntry | undefined): string {
  const properties = (entry?.settings['properties'] ?? {}) as Readonly<Record<string, { readonly title?: string; readonly default?: unknown }>>;
  return Object.entries(properties)
    .map(([name, { title, default: usual }]) => ({ name: title ?? name, value: settings[name] ?? usual }))
    .filter(({ value }) => value !== undefined && typeof value !== 'object')
    .slice(0, 3)
    .map(({ name, value }) => (typeof value === 'string' ? value : `${name.toLowerCase()} ${String(value)}`))
    .join(' · ');
}

/** What is not as usual with a layer's weights. */
export const specialText = (layer: LayerSpec, priors: readonly CatalogueEntry[]): string =>
  [
    ...Object.keys(switchesOf(layer)).map((name) => words[name as keyof typeof words]),
    ...(layer.prior ? [`${priors.find(({ id }) => id === layer.prior?.id)?.title ?? layer.prior.id} prior`] : []),
  ].join(' · ');
