/** @file What a layer's card says of its settings and weights. */
import type { CatalogueEntry } from '../../../src-main/contract/catalogue';
import { LayerSwitches, type LayerSpec } from '../../../src-main/contract/spec';

/** What a card says of each, where it is not as usual. */
const words: { readonly [name in keyof LayerSwitches]-?: (layer: LayerSpec) => string } = {
  bayesian: () => 'not Bayesian',
  sample: () => 'not sampled',
  trainable: () => 'frozen',
  initialisation: ({ initialisation }) => `starts ${initialisation}`,
  initialValue: ({ initialValue }) => `at ${initialValue}`,
  initialSd: ({ initialSd }) => `σ from ${initialSd}`,
  dropRate: ({ dropRate }) => `drops ${dropRate}`,
};
const switches = Object.keys(words) as (keyof LayerSwitches)[];
const usual: Partial<LayerSwitches> = LayerSwitches.parse({});

/** What is not as usual, as a form's values. */
export const switchesOf = (layer: LayerSpec): Partial<LayerSwitches> =>
  Object.fromEntries(switches.flatMap((name) => (layer[name] === undefined || layer[name] === usual[name] ? [] : [[name, layer[name]] as const])));

/** The layer with exactly these values. */
export const withSwitches = ({ kind, settings, prior }: LayerSpec, values: Readonly<Record<string, unknown>>): LayerSpec => ({
  kind,
  settings,
  ...(prior && { prior }),
  ...Object.fromEntries(switches.flatMap((name) => (values[name] === undefined || values[name] === usual[name] ? [] : [[name, values[name]] as const]))),
});

/** 'units', 400: its value tells which setting a word is, its name which a number or a switch is. */
const settingText = (name: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? name : `no ${name}`;
  return `${name} ${String(value)}`;
};

/** 'units 400 · relu · no bias'; at most three settings that differ from nothing. */
export function settingsText({ settings }: LayerSpec, entry: CatalogueEntry | undefined): string {
  const properties = (entry?.settings['properties'] ?? {}) as Readonly<Record<string, { readonly title?: string; readonly default?: unknown }>>;
  return Object.entries(properties)
    .map(([name, { title, default: usual }]) => ({ name: title ?? name, value: settings[name] ?? usual }))
    .filter(({ value }) => value !== undefined && typeof value !== 'object')
    .slice(0, 3)
    .map(({ name, value }) => settingText(name.toLowerCase(), value))
    .join(' · ');
}

/** What is not as usual with a layer's weights. */
export const specialText = (layer: LayerSpec, priors: readonly CatalogueEntry[]): string =>
  [
    ...Object.keys(switchesOf(layer)).map((name) => words[name as keyof LayerSwitches](layer)),
    ...(layer.prior ? [`${priors.find(({ id }) => id === layer.prior?.id)?.title ?? layer.prior.id} prior`] : []),
  ].join(' · ');
