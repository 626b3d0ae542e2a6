/** @file Flags of the command line: a few short names, and every field of a run by its path. */
import { parse } from 'yaml';
import { WorkbenchError } from '../contract/errors';

/** Short names for paths of the run document. */
export const shortFlags: Record<string, { readonly path: string; readonly help: string }> = {
  dataset: { path: 'dataset', help: 'dataset id' },
  arch: { path: 'architecture', help: 'architecture preset' },
  method: { path: 'method', help: 'inference method: bbp (Bayes by Backprop), map …' },
  likelihood: { path: 'likelihood', help: 'likelihood id; the dataset recommends one' },
  prior: { path: 'prior', help: 'prior id' },
  from: { path: 'from', help: 'finished run of a point estimate whose trained weights this one starts from (MOPED: --method.moped)' },
  epochs: { path: 'training.epochs', help: 'passes over the training rows' },
  batch: { path: 'training.batchSize', help: 'rows per step' },
  seed: { path: 'training.seed', help: 'fixes all randomness' },
  device: { path: 'compute.device', help: 'compute device' },
  threads: { path: 'compute.threads', help: 'CPU threads, 0 = automatic' },
  name: { path: 'name', help: 'name of the run' },
};

/** Flags that are no part of the run document. */
export const optionFlags: Record<string, { readonly argument: string | null; readonly help: string }> = {
  config: { argument: 'FILE', help: 'run document (YAML or JSON), as the window shows it; flags override it' },
  resume: { argument: 'ID', help: 'go on with an interrupted, stopped or failed run, experiment or cross-validation' },
  runs: { argument: 'RUN,RUN', help: 'the runs that an experiment studies (experiment)' },
  grid: { argument: 'AXES', help: 'settings to choose among, as method.rate=0.01,0.1; likelihood.sd:target=2,3 (cross-validate)' },
  splits: { argument: 'N', help: 'how many folds or standard splits; 0 = all (cross-validate)' },
  criterion: { argument: 'SCORE', help: 'choose by log-likelihood or error (cross-validate)' },
  draws: { argument: 'N', help: 'weight draws of the predictive (evaluate, experiment, cross-validate)' },
  'data-dir': { argument: 'DIR', help: 'data folder (default: CREDENCE_HOME, else the system’s place)' },
  json: { argument: null, help: 'print JSON (devices)' },
  again: { argument: null, help: 'test devices that have been tested, too (devices)' },
  help: { argument: null, help: 'print this' },
};

const components = ['dataset', 'likelihood', 'prior', 'method'];
const sections = ['architecture', 'training', 'compute', ...components];

export interface CommandLine {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Places of the run document and what to put there, in the order given. */
  readonly edits: readonly { readonly path: readonly string[]; readonly value: unknown }[];
}

/** Reads `--flag value`, `--flag=value` and words; `place` says where a flag's value goes. Values are YAML: numbers, true, [1, 2]. @throws WorkbenchError `invalid-spec` */
export function parseCommandLine(argv: readonly string[], place: (name: string) => readonly string[] = pathOf): CommandLine {
  const words: string[] = [];
  const options: Record<string, string> = {};
  const edits: { path: readonly string[]; value: unknown }[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (!argument.startsWith('--')) {
      words.push(argument);
      continue;
    }
    const [name = '', inline] = splitOnce(argument.slice(2), '=');
    if (optionFlags[name]?.argument === null) {
      options[name] = '';
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined) throw new WorkbenchError('invalid-spec', `--${name} needs a value; --help lists all flags.`);
    if (optionFlags[name]) options[name] = value;
    else edits.push({ path: place(name), value: components.includes(name) || ['arch', 'name', 'from'].includes(name) ? value : parseValue(name, value) });
  }
  return { words, options, edits };
}

/** `epochs` → training.epochs; `method.learningRate` → method.settings.learningRate. */
export function pathOf(name: string): string[] {
  const short = Object.hasOwn(shortFlags, name) ? shortFlags[name] : undefined;
  if (short) return short.path.split('.');
  const [section = '', ...rest] = name.split('.');
  if (!sections.includes(section) || rest.length === 0) throw new WorkbenchError('invalid-spec', `There is no flag --${name}; --help lists all flags.`);
  return components.includes(section) && rest[0] !== 'settings' ? [section, 'settings', ...rest] : [section, ...rest];
}

function parseValue(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new WorkbenchError('invalid-spec', `--${name}: "${text}" is not a value (number, true, false, text or [list]).`, { cause });
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
