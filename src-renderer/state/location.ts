/** @file Where the user is, as the hash of the address: back and forward work, and every place can be linked to. */
import { CrossValidationId, RunId } from '../../src-main/contract/ids';

export const places = ['runs', 'build', 'train', 'inspect', 'explore', 'compare', 'validate', 'data', 'settings'] as const;
export type Place = (typeof places)[number];

export type Location =
  | { readonly place: 'runs'; readonly run?: RunId; readonly trash?: true }
  /** `weights`: a Bayesian run that starts from the weights of `from`, else a copy of it to edit. */
  | { readonly place: 'train'; readonly from?: RunId; readonly weights?: true; readonly dataset?: string }
  /** `look`: evaluate at once unless that was done before. */
  | { readonly place: 'inspect'; readonly run?: RunId; readonly look?: true }
  | { readonly place: 'validate'; readonly group?: CrossValidationId; readonly dataset?: string }
  | { readonly place: 'data'; readonly dataset?: string }
  | { readonly place: 'explore'; readonly run?: RunId; /** A test image. */ readonly row?: number }
  | { readonly place: 'compare'; readonly runs?: readonly RunId[] }
  | { readonly place: 'build' }
  | { readonly place: 'settings' };

/** `#/runs/run-a1b2` → { place: 'runs', run: 'run-a1b2' }; anything unknown is the list of runs. */
export function parseLocation(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [place, subject = ''] = path.split('/');
  const parameters = new URLSearchParams(query);
  const asRun = (text: string | null) => RunId.safeParse(text).data;
  const run = asRun(subject);
  switch (place) {
    case 'train': {
      const from = asRun(parameters.get('from'));
      const dataset = parameters.get('dataset');
      return { place, ...(from && { from }), ...(from && parameters.has('weights') && { weights: true }), ...(dataset && { dataset }) };
    }
    case 'inspect':
      return { place, ...(run && { run }), ...(run && parameters.has('look') && { look: true }) };
    case 'explore': {
      const row = Number(parameters.get('row') ?? NaN);
      return { place, ...(run && { run }), ...(run && Number.isInteger(row) && row >= 0 && { row }) };
    }
    case 'compare': {
      const runs = [...new Set((parameters.get('runs') ?? '').split(',').flatMap((text) => asRun(text) ?? []))];
      return { place, ...(runs.length > 0 && { runs }) };
    }
    case 'validate': {
      const group = CrossValidationId.safeParse(subject).data;
      const dataset = parameters.get('dataset');
      return { place, ...(group && { group }), ...(!group && dataset && { dataset }) };
    }
    case 'data':
      return { place, ...(subject && { dataset: subject }) };
    case 'build':
    case 'settings':
      return { place };
    default:
      return subject === 'trash' ? { place: 'runs', trash: true } : { place: 'runs', ...(run && { run }) };
  }
}

/** The inverse of `parseLocation`. */
export function href(location: Location): string {
  switch (location.place) {
    case 'runs':
      return location.trash ? '#/runs/trash' : location.run ? `#/runs/${location.run}` : '#/runs';
    case 'train': {
      const { from, weights, dataset } = location;
      const query = new URLSearchParams({ ...(from && { from }), ...(weights && { weights: '' }), ...(dataset && { dataset }) });
      return query.size ? `#/train?${query}` : '#/train';
    }
    case 'inspect':
      return location.run ? `#/inspect/${location.run}${location.look ? '?look' : ''}` : '#/inspect';
    case 'explore':
      return location.run ? `#/explore/${location.run}${location.row === undefined ? '' : `?row=${location.row}`}` : '#/explore';
    case 'compare':
      return location.runs?.length ? `#/compare?runs=${location.runs.join(',')}` : '#/compare';
    case 'validate':
      return location.group ? `#/validate/${location.group}` : location.dataset ? `#/validate?dataset=${location.dataset}` : '#/validate';
    case 'data':
      return location.dataset ? `#/data/${location.dataset}` : '#/data';
    case 'build':
      return '#/build';
    case 'settings':
      return '#/settings';
  }
}
