/** @file From a partial document to a whole spec: what was left out is what the dataset recommends. */
import { z } from 'zod';
import type { Catalogue, CatalogueEntry } from './catalogue';
import { WorkbenchError } from './errors';
import type { Architecture, Component } from './spec';

const Fields = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof Fields>;

/** An object, or nothing where something else was written: the spec's own schema then says what is wrong. */
const fields = (value: unknown): Fields => Fields.safeParse(value).data ?? {};

/**
 * The given component over the recommended one. `{ settings: { sd: 1 } }` alone means the recommended component with that setting;
 * another id starts from that component's own defaults.
 */
function withDefault(component: unknown, recommended: Component): Fields {
  const given = fields(component);
  if (given['id'] !== undefined && given['id'] !== recommended.id) return given;
  return { ...given, id: recommended.id, settings: { ...recommended.settings, ...fields(given['settings']) } };
}

/** What the dataset recommends to the method, as far as the method has such settings. */
export function recommendedSettings(catalogue: Catalogue, dataset: string, method: CatalogueEntry | undefined): Component['settings'] {
  const recommended = catalogue.datasets.find(({ id }) => id === dataset)?.recommended.method ?? {};
  const known = fields(method?.settings['properties']);
  return Object.fromEntries(Object.entries(recommended).filter(([key]) => key in known));
}

/**
 * Fills what was left out of a run's document: the dataset's recommended architecture, likelihood, prior, training and settings of the method, and the first Bayesian method.
 * The result is still to be parsed by `RunSpec`.
 *
 * @throws WorkbenchError `invalid-spec` if there is no preset of the given name.
 */
export function completeSpec(document: Fields, catalogue: Catalogue): Fields {
  const dataset = { id: 'drawn-digits', ...fields(document['dataset']) };
  const entry = catalogue.datasets.find(({ id }) => id === dataset.id);
  const { recommended } = entry ?? {};
  const asked = fields(document['method'])['id'];
  const method = catalogue.methods.find(({ id, randomDraws }) => (asked === undefined ? randomDraws : id === asked));
  return {
    ...document,
    dataset,
    architecture: document['architecture'] ?? findPreset(catalogue, recommended?.architecture ?? '400-400'),
    likelihood: withDefault(document['likelihood'], recommended?.likelihood ?? { id: 'categorical', settings: {} }),
    prior: withDefault(document['prior'], recommended?.prior ?? { id: 'gaussian', settings: {} }),
    method: withDefault(document['method'], { id: method?.id ?? '', settings: recommendedSettings(catalogue, dataset.id, method) }),
    training: { ...recommended?.training, ...fields(document['training']) },
  };
}

/** The architecture of a preset by its id or title. @throws WorkbenchError `invalid-spec` that lists the presets. */
export function findPreset({ presets }: Pick<Catalogue, 'presets'>, wanted: string): Architecture {
  const plain = (text: string) => text.replaceAll('×', 'x').replaceAll(' ', '').toLowerCase();
  const preset = presets.find(({ id, title }) => [id, title].map(plain).includes(plain(wanted)));
  if (!preset) throw new WorkbenchError('invalid-spec', `There is no architecture preset ${wanted}; there are ${presets.map(({ id }) => id).join(', ')}.`);
  return preset.architecture;
}
