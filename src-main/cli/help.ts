/** @file `train --help`: every flag, every registry entry and every setting, printed from the Catalogue. */
import { z } from 'zod';
import type { Catalogue, CatalogueEntry, SettingsSchema } from '../contract/catalogue';
import { optionFlags, shortFlags } from './flags';

/** What `z.toJSONSchema` says of one setting, as far as a line of help shows it. */
const Field = z.object({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  default: z.json().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
});

const indent = 2;
const column = 38;

const line = (left: string, right: string): string =>
  `${' '.repeat(indent)}${left.padEnd(column - indent)}${left.length >= column - indent ? `\n${' '.repeat(column)}` : ''}${right}`;

/** One line a setting: flag, what it takes, unit, default, help. Constants are no settings. */
export function describeSettings(prefix: string, schema: SettingsSchema): string[] {
  const properties = z.record(z.string(), Field).parse(schema['properties'] ?? {});
  const settings = Object.entries(properties).filter(([, field]) => field.const === undefined);
  return settings.map(([name, field]) => {
    const text = field.description ?? field.title ?? '';
    const facts = [range(field), field.unit, field.default === undefined ? '' : `default ${JSON.stringify(field.default)}`].filter(Boolean).join(', ');
    return line(`--${prefix}.${name}`, `${text}${facts ? ` [${facts}]` : ''}`.trim());
  });
}

/** `a | b`, `≥ 1`, `0 … 0.5`. Bounds that are only those of integers say nothing. */
function range({ enum: options, minimum, maximum, exclusiveMinimum, exclusiveMaximum, type }: z.infer<typeof Field>): string {
  if (options) return options.join(' | ');
  const lower = minimum !== undefined && minimum > -(2 ** 52) ? `≥ ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : '';
  const upper = maximum !== undefined && maximum < 2 ** 52 ? `≤ ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : '';
  return [type === 'integer' ? 'whole' : '', lower, upper].filter(Boolean).join(' ');
}

const section = (title: string, prefix: string, entries: readonly CatalogueEntry[]): string[] =>
  entries.length === 0
    ? []
    : ['', `${title}:`, ...entries.flatMap((entry) => [`  ${entry.id} · ${entry.title} (${entry.reference})`, ...describeSettings(prefix, entry.settings)])];

export function trainHelp(catalogue: Catalogue): string {
  return [
    'Trains a run: npm run train -- [--config run.yaml] [flags]',
    '',
    'Flags:',
    ...Object.entries(shortFlags).map(([name, { help, path }]) => line(`--${name}`, `${help}${path === name ? '' : ` (= --${path})`}`)),
    ...Object.entries(optionFlags).map(([name, { argument, help }]) => line(`--${name}${argument ? ` ${argument}` : ''}`, help)),
    '',
    'Architecture presets (--arch):',
    ...catalogue.presets.map(({ id, help }) => line(id, help)),
    ...section('Datasets (--dataset)', 'dataset', catalogue.datasets),
    ...section('Methods (--method)', 'method', catalogue.methods),
    ...section('Likelihoods (--likelihood)', 'likelihood', catalogue.likelihoods),
    ...section('Priors (--prior)', 'prior', catalogue.priors),
    '',
    'Training:',
    ...describeSettings('training', catalogue.training),
    '',
    'Compute:',
    ...describeSettings('compute', catalogue.compute),
    '',
    'Ctrl-C stops with a checkpoint; --resume RUN goes on from it.',
    'Ends with 0 when the run succeeded, 1 when it failed, 2 when the command cannot be understood, 130 when it was stopped.',
  ].join('\n');
}

export const overview = `Credence, the workbench for Bayesian neural networks

  npm run train -- [flags]        trains a run (--help lists every method and setting)
  npm run evaluate -- RUN         evaluates a run on its test rows (--draws N)
  npm run experiment -- NAME --runs RUN,RUN [--SETTING VALUE] | --resume ID
                                  studies runs: evaluate, ood-detection, rotation, adversarial, calibration, weights,
                                  pruning, quantisation, chains (of samplers), prior-precision (of Laplace approximations)
  npm run import -- FILE          makes a dataset of a table: CSV, TSV or XLSX (--title, --target COLUMN, --task,
                                  --missing refuse|drop|mean, --one-hot, --codes, --ignore COLUMN,COLUMN, --fold COLUMN)
  npm run cross-validate -- [flags of a run] [--grid AXES] [--splits N] [--draws N] | --resume ID
                                  trains on every split of a table and compares with the literature
  npm run devices                 what can compute here, how fast, and why not what cannot (--json, --again)
  npm run install-cuda            fetches ONNX Runtime's CUDA libraries (Linux on x64), and tests them
  npm run runs                    lists the runs
  npm run runs -- pretrained      lists the models that came with Credence; RUN may be one of them, as mnist-bbp
  npm run runs -- export RUN FILE writes a run as FILE.credence, its predictive as FILE.onnx
                                  or, in 8-bit integers, FILE.int8.onnx, or draws as FILE.safetensors (--draws N)
  npm run runs -- import FILE     adds the run of a .credence file
  npm run runs -- prior-precision RUN NUMBER
                                  lets a Laplace approximation predict under NUMBER times the precision trained with
  npm run runs -- compare RUN,RUN what they ended with, mean ± standard error over seeds, and the settings that differ
`;
