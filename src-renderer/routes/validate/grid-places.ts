/** @file Which settings of a run may be chosen by cross-validation: the numbers of its method, prior and likelihood, and the epochs. */
import type { Catalogue, CatalogueEntry } from '../../../src-main/contract/catalogue';
import type { RunSpec } from '../../../src-main/contract/spec';
import { fieldsOf, isShown, parseNumber } from '../../components/schema-fields';

export interface GridPlace {
  readonly path: string;
  readonly title: string;
}

export function gridPlaces(spec: RunSpec, catalogue: Catalogue): GridPlace[] {
  const places = (part: 'method' | 'prior' | 'likelihood', entries: readonly CatalogueEntry[]): GridPlace[] => {
    const entry = entries.find(({ id }) => id === spec[part].id);
    const fields = entry ? fieldsOf(entry.settings) : [];
    return fields
      .filter((field) => field.kind === 'number' && isShown(field, fields, spec[part].settings))
      .map(({ key, title }) => ({ path: `${part}.settings.${key}`, title: part === 'method' ? title : `${entry!.title}: ${title.toLowerCase()}` }));
  };
  const all = [
    ...places('method', catalogue.methods),
    ...places('prior', catalogue.priors),
    ...places('likelihood', catalogue.likelihoods),
    { path: 'training.epochs', title: 'Epochs' },
  ];
  // The one that matters most comes first.
  return all.toSorted((a, b) => Number(b.path.endsWith('.learningRate')) - Number(a.path.endsWith('.learningRate')));
}

/** `0.01, 0.1 1` → the three numbers; null if one is none. */
export function parseValues(text: string): number[] | null {
  const values = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(parseNumber);
  return values.length > 0 && values.every(Number.isFinite) ? values : null;
}
