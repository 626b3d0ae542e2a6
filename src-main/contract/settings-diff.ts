/** @file The settings in which runs differ, by the places that the command line names: `method.learningRate`, `training.seed`. */
import type { Catalogue, CatalogueEntry } from './catalogue';
import type { Component, RunSpec } from './spec';

/** What stands at one place of a run's document; undefined where the run has no such setting. */
export type Setting = string | undefined;

export interface SettingDifference {
  readonly path: string;
  /** One for each run. */
  readonly values: readonly Setting[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The defaults of an entry's settings. */
function defaultsOf(entry: Pick<CatalogueEntry, 'settings'> | undefined): Readonly<Record<string, unknown>> {
  const properties = (entry?.settings['properties'] ?? {}) as Readonly<Record<string, { readonly default?: unknown }>>; // z.toJSONSchema of an object
  return Object.fromEntries(Object.entries(properties).flatMap(([name, property]) => (property.default === undefined ? [] : [[name, property.default]])));
}

/** The run's settings by their places, defaults filled in: a setting left out is the same as its default. Names say nothing of how a run was trained. */
export function settingsOf(spec: RunSpec, catalogue: Catalogue): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const put = (place: string, values: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(values)) if (value !== undefined) settings.set(`${place}.${name}`, text(value));
  };
  const component = (place: string, { id, settings: own }: Component, entries: readonly CatalogueEntry[]) => {
    settings.set(place, id);
    put(place, { ...defaultsOf(entries.find((entry) => entry.id === id)), ...own });
  };
  component('dataset', spec.dataset, catalogue.datasets);
  spec.architecture.layers.forEach(({ kind, settings: own, prior, ...switches }, layer) => {
    const place = `architecture.layers.${layer}`;
    settings.set(place, kind);
    put(place, { ...defaultsOf(catalogue.layers.find(({ id }) => id === kind)), ...own });
    put(place, Object.fromEntries(Object.entries(switches).filter(([, on]) => on === false))); // on is the default
    if (prior) component(`${place}.prior`, prior, catalogue.priors);
  });
  component('method', spec.method, catalogue.methods);
  component('prior', spec.prior, catalogue.priors);
  component('likelihood', spec.likelihood, catalogue.likelihoods);
  if (spec.from) settings.set('from', spec.from);
  put('training', spec.training);
  put('compute', spec.compute);
  return settings;
}

/** The places where at least two of the runs differ, by name; layers in their order. */
export function settingsDiff(specs: readonly RunSpec[], catalogue: Catalogue): SettingDifference[] {
  const all = specs.map((spec) => settingsOf(spec, catalogue));
  const paths = [...new Set(all.flatMap((settings) => [...settings.keys()]))].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return paths.map((path) => ({ path, values: all.map((settings) => settings.get(path)) })).filter(({ values }) => new Set(values).size > 1);
}
