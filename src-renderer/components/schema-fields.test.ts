import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SettingsSchema } from '../../src-main/contract/catalogue';
import { fieldsOf, forTask, isShown, numberProblem, parseNumber, rangeText, sentence, stepped, type NumberField } from './schema-fields';

const fields = (shape: z.ZodRawShape) => fieldsOf(z.toJSONSchema(z.strictObject(shape)) as SettingsSchema);
const numberField = (schema: z.ZodType) => fields({ x: schema })[0] as NumberField;

describe('fieldsOf', () => {
  it('reads kind, default, bounds and metadata in the order of the schema', () => {
    const [rate, kind, bias, name] = fields({
      learningRate: z.number().gt(0).max(100).default(0.001).meta({ scale: 'log', unit: 'nats', description: 'Step.' }),
      kind: z.enum(['closed-form', 'sgd']).default('sgd').meta({ title: 'KL', advanced: true, group: 'Estimator' }),
      bias: z.boolean().default(true),
      name: z.string().max(80).default('auto'),
    });
    expect(rate).toMatchObject({
      kind: 'number',
      key: 'learningRate',
      title: 'Learning rate',
      unit: 'nats',
      help: 'Step.',
      default: 0.001,
      logarithmic: true,
      integer: false,
    });
    expect(rate).toMatchObject({ low: { value: 0, open: true }, high: { value: 100, open: false } });
    expect(kind).toMatchObject({ kind: 'choice', title: 'KL', advanced: true, group: 'Estimator', default: 'sgd' });
    expect(kind).toMatchObject({
      options: [
        { value: 'closed-form', label: 'Closed form' },
        { value: 'sgd', label: 'SGD' },
      ],
    });
    expect(bias).toMatchObject({ kind: 'switch', default: true });
    expect(name).toMatchObject({ kind: 'text', longest: 80 });
  });
  it('shows no range for an unbounded integer, and no field for a constant', () => {
    expect(fields({ version: z.literal(1).default(1), n: z.int().default(3) })).toEqual([
      expect.objectContaining({ key: 'n', low: null, high: null, integer: true }),
    ]);
  });
  it('refuses a type that no form can show', () => {
    expect(() => fields({ list: z.array(z.number()).default([]) })).toThrow('list');
  });
});

describe('isShown', () => {
  const all = fields({
    optimiser: z.enum(['sgd', 'adam']).default('adam'),
    beta: z
      .number()
      .default(0.9)
      .meta({ when: { optimiser: ['adam'] } }),
  });
  it('compares with the stored value, else with the default', () => {
    expect(isShown(all[1]!, all, {})).toBe(true);
    expect(isShown(all[1]!, all, { optimiser: 'sgd' })).toBe(false);
  });
});

it('reads numbers, also with a decimal comma, a minus sign or an exponent', () => {
  expect([' 7 ', '−0,5', '1e-3', '', 'ten'].map(parseNumber)).toEqual([7, -0.5, 0.001, NaN, NaN]);
});
it('says why a number will not do', () => {
  const field = numberField(z.int().min(1).max(100).default(3));
  expect([7, NaN, 2.5, 0, 101].map((value) => numberProblem(field, value))).toEqual([
    '',
    'Enter a number',
    'Enter a whole number',
    'Must be 1 – 100',
    'Must be 1 – 100',
  ]);
  expect(numberProblem(numberField(z.number().gt(0)), 0)).toBe('Must be > 0');
});

it('writes ranges with open and closed ends', () => {
  expect(rangeText(numberField(z.number().min(1e-8).lt(100)))).toBe('1e-8 – < 100');
  expect(rangeText(numberField(z.number().min(2)))).toBe('≥ 2');
  expect(rangeText(numberField(z.number()))).toBe('');
});

describe('stepped', () => {
  it('goes 1-2-5 on a log scale and stops at the bounds', () => {
    const rate = numberField(z.number().min(1e-4).max(1).default(0.001).meta({ scale: 'log' }));
    expect(stepped(rate, 0.001, 1)).toBe(0.002);
    expect(stepped(rate, 0.005, 1)).toBe(0.01);
    expect(stepped(rate, 0.003, -1)).toBe(0.002);
    expect(stepped(rate, 0.001, -1)).toBe(0.0005);
    expect(stepped(rate, 1, 1)).toBe(1);
  });
  it('steps whole numbers by one and never onto an open bound', () => {
    expect(stepped(numberField(z.int().min(1)), 1, -1)).toBe(1);
    expect(stepped(numberField(z.int().min(1)), 1, 1)).toBe(2);
    expect(stepped(numberField(z.number().gt(0)), 0.1, -1)).toBeCloseTo(0.09, 12);
    expect(stepped(numberField(z.number().gt(0)), 0.01, -1)).toBeCloseTo(0.009, 12);
  });
});

it('turns identifiers into words', () => {
  expect([sentence('monte-carlo'), sentence('firstEpochDraws'), sentence('sgd')]).toEqual(['Monte Carlo', 'First epoch draws', 'SGD']);
});

it('leaves out settings that mean nothing for the task', () => {
  const schema = z.toJSONSchema(z.object({ draws: z.int(), images: z.int().meta({ task: 'classification' }) })) as SettingsSchema;
  const keys = (task: string) => fieldsOf(forTask(schema, task)).map(({ key }) => key);
  expect(keys('regression')).toEqual(['draws']);
  expect(keys('classification')).toEqual(['draws', 'images']);
});
