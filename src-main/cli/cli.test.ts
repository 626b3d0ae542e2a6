import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Catalogue } from '../contract/catalogue';
import { Compute, RunSpec, Training } from '../contract/spec';
import { applyEdits, completeDocument, readDocument } from './document';
import { exitCodeOf } from './exit-codes';
import { parseCommandLine } from './flags';
import { trainHelp } from './help';
import { formatDuration, progressLine } from './progress';
import { formatTable } from './table';

const jsonSchema = (schema: z.ZodType) => z.record(z.string(), z.json()).parse(z.toJSONSchema(schema, { io: 'input' }));
const entry = (id: string, settings: z.ZodType = z.object({})) => ({
  id,
  title: id.toUpperCase(),
  reference: 'Someone (2015)',
  help: '',
  settings: jsonSchema(settings),
});
const bbpSettings = z.object({
  draws: z.int().min(1).max(100).default(3).meta({ title: 'Draws', description: 'Weight draws per step.' }),
  learningRate: z.number().positive().default(0.1).meta({ description: 'Step size.', unit: 'per step' }),
  optimiser: z.enum(['sgd', 'adam']).default('adam'),
});
const catalogue: Catalogue = Catalogue.parse({
  methods: [
    { ...entry('bbp', bbpSettings), metrics: [], randomDraws: true, keepsDraws: false },
    { ...entry('map'), metrics: [], randomDraws: false, keepsDraws: false },
  ],
  layers: [],
  layerSwitches: {},
  priors: [entry('gaussian', z.object({ sd: z.number().positive().default(0.1) }))],
  likelihoods: [{ ...entry('categorical'), task: 'classification' }],
  datasets: [
    {
      ...entry('drawn-digits'),
      task: 'classification',
      inputShape: [28, 28, 1],
      classes: [],
      target: { name: 'class', unit: '' },
      table: false,
      published: [],
      recommended: { architecture: '1x200', likelihood: { id: 'categorical' }, training: { batchSize: 64 } },
    },
  ],
  experiments: [],
  presets: [{ id: '1x200', title: '1 × 200', help: 'One hidden layer.', architecture: { name: '1 × 200', layers: [{ kind: 'output' }] } }],
  training: jsonSchema(Training),
  compute: jsonSchema(Compute),
});
const specOf = (...argv: string[]) => completeDocument(applyEdits({}, parseCommandLine(argv).edits, catalogue), catalogue);

describe('flags', () => {
  it('alone make the recommended run', () => {
    const spec = specOf();
    expect(spec).toEqual(RunSpec.parse(spec));
    expect(spec).toMatchObject({
      dataset: { id: 'drawn-digits' },
      method: { id: 'bbp' },
      likelihood: { id: 'categorical' },
      training: { batchSize: 64, epochs: 10 },
    });
  });

  it('reach every field by its path or a short name', () => {
    const spec = specOf(
      '--method',
      'bbp',
      '--method.learningRate=0.02',
      '--epochs',
      '5',
      '--training.validationFraction',
      '0.2',
      '--prior.sd',
      '1',
      '--dataset.size',
      'small',
      '--arch',
      '1×200',
      '--from',
      'run-abcd',
      '--name',
      '12',
    );
    expect(spec.method).toEqual({ id: 'bbp', settings: { learningRate: 0.02 } });
    expect(spec.training).toMatchObject({ epochs: 5, validationFraction: 0.2, batchSize: 64 });
    expect(spec.dataset).toEqual({ id: 'drawn-digits', settings: { size: 'small' } });
    expect(spec.prior).toEqual({ id: 'gaussian', settings: { sd: 1 } });
    expect(spec.name).toBe('12');
    expect(spec.from).toBe('run-abcd');
  });

  it('override the configuration, and drop the settings of a method that is replaced', () => {
    const document = { method: { id: 'bbp', settings: { draws: 9 } }, training: { epochs: 3, seed: 4 } };
    const apply = (...argv: string[]) => completeDocument(applyEdits(document, parseCommandLine(argv).edits, catalogue), catalogue);
    expect(apply('--epochs', '7').training).toMatchObject({ epochs: 7, seed: 4 });
    expect(apply('--method', 'map').method).toEqual({ id: 'map', settings: {} });
    expect(apply('--method.draws', '2', '--method', 'bbp').method.settings).toEqual({ draws: 2 });
    expect(document.training.epochs).toBe(3);
  });

  it.each([
    [['--epoch', '3'], '--epoch'],
    [['--epochs'], 'needs a value'],
    [['--epochs', 'many'], 'training.epochs'],
    [['--epochs', '0'], 'training.epochs'],
    [['--arch', '9x9'], '1x200'],
    [['--training.epochs.first', '1', '--name', 'x'], 'epochs'],
    [['--seed', '[1'], '--seed'],
    [['--__proto__.x', '1'], '--__proto__'],
  ])('%j are refused in a sentence that names the flag', (argv, name) => {
    expect(() => specOf(...argv)).toThrowError(expect.objectContaining({ code: 'invalid-spec', message: expect.stringContaining(name) }));
  });
});

describe('a configuration file', () => {
  it('is read as YAML and as JSON, and anything else is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'credence-cli-'));
    const spec = specOf('--epochs', '2');
    await writeFile(join(folder, 'run.json'), JSON.stringify(spec));
    await writeFile(join(folder, 'run.yaml'), 'training:\n  epochs: 2\n');
    await writeFile(join(folder, 'list.yaml'), '- 1\n');
    expect(completeDocument(await readDocument(join(folder, 'run.json')), catalogue)).toEqual(spec);
    expect(completeDocument(await readDocument(join(folder, 'run.yaml')), catalogue)).toEqual(spec);
    await expect(readDocument(join(folder, 'list.yaml'))).rejects.toMatchObject({ code: 'invalid-file' });
    await expect(readDocument(join(folder, 'absent.yaml'))).rejects.toMatchObject({ code: 'invalid-file' });
    await rm(folder, { recursive: true });
  });
});

describe('help', () => {
  it('lists every entry and setting with range, unit and default', () => {
    const help = trainHelp(catalogue);
    expect(help).toMatch(/--method\.draws +Weight draws per step\. \[whole ≥ 1 ≤ 100, default 3\]/);
    expect(help).toMatch(/--method\.learningRate +Step size\. \[> 0, per step, default 0\.1\]/);
    expect(help).toMatch(/--method\.optimiser +\[sgd \| adam, default "adam"\]/);
    for (const name of Object.keys(Training.shape)) expect(help).toContain(`--training.${name}`);
    for (const name of Object.keys(Compute.shape)) expect(help).toContain(`--compute.${name}`);
  });
});

describe('output', () => {
  it('shows progress with speed, time left and the newest metrics', () => {
    const progress = { step: 300, steps: 600, epoch: 2.5, epochs: 5, speed: 41.234, eta: 187, message: '' };
    expect(progressLine({ status: 'running', progress, latest: { elbo: -0.312345, nll: null } })).toBe(
      `[${'█'.repeat(12)}${'░'.repeat(12)}]  50 %  epoch 2.5/5  41.23 steps/s  3:07 left  elbo -0.3123`,
    );
  });
  it('writes durations as people do', () => expect([0, 59.6, 3725].map(formatDuration)).toEqual(['0 s', '1:00', '1:02:05']));
  it('aligns numbers to the right', () =>
    expect(
      formatTable([
        ['a', 'b'],
        ['long', '5'],
        ['x', '12.5'],
      ]),
    ).toBe('a     b\nlong     5\nx     12.5'));
  it('tells success, failure and interruption apart', () =>
    expect((['succeeded', 'failed', 'stopped', 'interrupted'] as const).map((status) => exitCodeOf({ status }))).toEqual([0, 1, 130, 130]));
});
