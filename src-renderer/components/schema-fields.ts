/** @file JSON Schema of an entry's settings → fields of a form. The metadata it understands: contract/catalogue.ts. */
import type { SettingsSchema } from '../../src-main/contract/catalogue';

export type Values = { readonly [key: string]: unknown };

interface Base {
  readonly key: string;
  readonly title: string;
  readonly help: string;
  readonly unit: string;
  readonly group: string;
  readonly advanced: boolean;
  readonly default: unknown;
  /** Shown only while every named field has one of the values. */
  readonly when: { readonly [field: string]: readonly unknown[] };
}

export interface NumberField extends Base {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly low: Bound | null;
  readonly high: Bound | null;
  readonly logarithmic: boolean;
}
export interface ChoiceField extends Base {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: string | number; readonly label: string; readonly disabled?: boolean }[];
}
export interface SwitchField extends Base {
  readonly kind: 'switch';
}
export interface TextField extends Base {
  readonly kind: 'text';
  readonly longest: number | null;
}
export type Field = NumberField | ChoiceField | SwitchField | TextField;

export interface Bound {
  readonly value: number;
  readonly open: boolean; // the bound itself is excluded
}

interface Property {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  /** Instead of the values of `enum` themselves. */
  readonly options?: ChoiceField['options'];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly unit?: string;
  readonly group?: string;
  readonly scale?: 'log';
  readonly advanced?: boolean;
  readonly when?: Base['when'];
  readonly task?: string;
}

/** The fields in the schema's order. Constants, such as a version, are no fields. @throws Error for a type no form can show. */
export function fieldsOf(schema: SettingsSchema): readonly Field[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Property>; // z.toJSONSchema of an object
  return Object.entries(properties).flatMap(([key, property]): readonly Field[] => {
    const base: Base = {
      key,
      title: property.title ?? sentence(key),
      help: property.description ?? '',
      unit: property.unit ?? '',
      group: property.group ?? '',
      advanced: property.advanced ?? false,
      default: property.default,
      when: property.when ?? {},
    };
    if (property.const !== undefined) return [];
    if (property.options) return [{ ...base, kind: 'choice', options: property.options }];
    if (property.enum) return [{ ...base, kind: 'choice', options: property.enum.map((value) => ({ value, label: sentence(String(value)) })) }];
    if (property.type === 'boolean') return [{ ...base, kind: 'switch' }];
    if (property.type === 'string') return [{ ...base, kind: 'text', longest: property.maxLength ?? null }];
    if (property.type === 'number' || property.type === 'integer') return [numberField(base, property)];
    throw new Error(`A form cannot show the setting ${key} of type ${property.type ?? 'unknown'}`);
  });
}

/** The schema without the settings that mean nothing for the task. */
export function forTask(schema: SettingsSchema, task: string): SettingsSchema {
  const properties = (schema['properties'] ?? {}) as SettingsSchema;
  const fits = (property: unknown) => [undefined, task].includes((property as Property).task);
  return { ...schema, properties: Object.fromEntries(Object.entries(properties).filter(([, property]) => fits(property))) };
}

function numberField(base: Base, property: Property): NumberField {
  return {
    ...base,
    kind: 'number',
    integer: property.type === 'integer',
    low: bound(property.minimum, property.exclusiveMinimum),
    high: bound(property.maximum, property.exclusiveMaximum),
    logarithmic: property.scale === 'log',
  };
}

/** z.int() bounds every integer by ±(2⁵³ − 1), which is no range to show. */
function bound(closed: number | undefined, open: number | undefined): Bound | null {
  if (open !== undefined) return { value: open, open: true };
  return closed === undefined || Math.abs(closed) === Number.MAX_SAFE_INTEGER ? null : { value: closed, open: false };
}

/** Acronyms and names, which are not spelt like other words. */
const spelling: Readonly<Record<string, string>> = {
  sgd: 'SGD',
  kl: 'KL',
  mnist: 'MNIST',
  kmnist: 'KMNIST',
  fgsm: 'FGSM',
  pgd: 'PGD',
  cpu: 'CPU',
  gpu: 'GPU',
  elbo: 'ELBO',
  nll: 'NLL',
  relu: 'ReLU',
  elu: 'ELU',
  selu: 'SELU',
  gelu: 'GELU',
  rmsprop: 'RMSprop',
  avuc: 'AvUC',
  auavu: 'AUAvU',
  eau: 'EaU',
  he: 'He',
  monte: 'Monte',
  carlo: 'Carlo',
  blundell: 'Blundell',
  onnxruntime: 'ONNX Runtime',
  tfjs: 'TensorFlow.js',
};

/** `closed-form` and `learningRate` → `Closed form`, `Learning rate`. */
export function sentence(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`).split(/[-_ ]/);
  const text = words.map((word) => spelling[word] ?? word).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The value a field has now: the stored one, else its default. */
export const valueOf = (field: Field, values: Values): unknown => values[field.key] ?? field.default;

/** A value as the form writes it: `on`, `Adam`, `0.001`. */
export function valueText(field: Field, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return (field.kind === 'choice' ? field.options.find((option) => option.value === value)?.label : undefined) ?? String(value);
}

/** Whether the conditions of a field hold. */
export function isShown(field: Field, fields: readonly Field[], values: Values): boolean {
  return Object.entries(field.when).every(([key, allowed]) => {
    const other = fields.find((candidate) => candidate.key === key);
    return other !== undefined && allowed.includes(valueOf(other, values));
  });
}

/** `1 – 1000`, `> 0`, `≥ 1`; empty without bounds. */
export function rangeText({ low, high }: NumberField): string {
  const show = (value: number) =>
    Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential().replace('e+', 'e') : String(value);
  if (low && high) return `${low.open ? '> ' : ''}${show(low.value)} – ${high.open ? '< ' : ''}${show(high.value)}`;
  if (low) return `${low.open ? '>' : '≥'} ${show(low.value)}`;
  return high ? `${high.open ? '<' : '≤'} ${show(high.value)}` : '';
}

/** What the user typed; NaN if it is no number. */
export function parseNumber(text: string): number {
  const trimmed = text.trim().replace('−', '-').replace(',', '.');
  return trimmed === '' ? NaN : Number(trimmed);
}

/** One short sentence why a value will not do; empty if it will. */
export function numberProblem(field: NumberField, value: number): string {
  if (!Number.isFinite(value)) return 'Enter a number';
  if (field.integer && !Number.isInteger(value)) return 'Enter a whole number';
  const tooLow = field.low && (value < field.low.value || (field.low.open && value === field.low.value));
  const tooHigh = field.high && (value > field.high.value || (field.high.open && value === field.high.value));
  return tooLow || tooHigh ? `Must be ${rangeText(field)}` : '';
}

/** The next value up (+1) or down (−1): 1-2-5 steps on a log scale, else one unit of the second digit; kept in range. */
export function stepped(field: NumberField, value: number, direction: 1 | -1): number {
  const next = field.logarithmic && value > 0 ? steppedLog(value, direction) : value + direction * linearStep(field, value);
  const inside = Math.min(field.high?.value ?? Infinity, Math.max(field.low?.value ?? -Infinity, Number(next.toPrecision(12))));
  return (field.low?.open && inside === field.low.value) || (field.high?.open && inside === field.high.value) ? value : inside;
}

const linearStep = (field: NumberField, value: number) => (field.integer ? 1 : 10 ** Math.min(0, Math.floor(Math.log10(Math.abs(value) || 1)) - 1));

function steppedLog(value: number, direction: 1 | -1): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const rungs = [0.5, 1, 2, 5, 10].map((rung) => rung * decade);
  const next = direction > 0 ? rungs.find((rung) => rung > value * 1.000001) : rungs.findLast((rung) => rung < value * 0.999999);
  return next ?? value;
}
