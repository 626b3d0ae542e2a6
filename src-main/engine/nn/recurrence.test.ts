/** @file Recurrent layers: against their equations step by step, with members, gradients by finite differences, and faults. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { grads, mul, setBackend, stack, sum, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Architecture } from '../../contract/spec';
import { evaluate } from '../compiler/evaluate';
import { trace } from '../compiler/trace';
import { sizeOf } from '../numerics/host-tensor';
import { mapParams, type Params } from '../numerics/tree';
import { buildModel } from './model';

beforeAll(() => setBackend('cpu'));

const values = (f: () => Tensor): number[] => tidy(() => [...f().dataSync()]);
const wave = (shape: readonly number[], phase: number): number[] => Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + phase + 0.7 * i));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const units = 3;
const network = (kind: string, input: readonly number[], settings: object = {}) =>
  buildModel(Architecture.parse({ layers: [{ kind, settings: { units, ...settings } }, { kind: 'flatten' }, { kind: 'output' }] }), input, 1);
type Numbers = { readonly [name: string]: readonly number[] };
const numbers = (model: ReturnType<typeof network>, phase = 0): Numbers =>
  Object.fromEntries(model.parameters.map(({ name, shape }, i) => [name, wave(shape, phase + i)]));
const tensors = (model: ReturnType<typeof network>, phase = 0): Params =>
  Object.fromEntries(model.parameters.map(({ name, shape }) => [name, tensor([...numbers(model, phase)[name]!], [...shape])]));

/** [length × channels] by the weights' columns from `from` on. */
const product = (x: readonly number[], kernel: readonly number[], columns: number) =>
  Array.from({ length: columns }, (_, j) => x.reduce((total, value, i) => total + value * kernel[i * columns + j]!, 0));

/** The states after each step, by the equations. */
const byEquations: { readonly [kind: string]: (p: Numbers, xs: readonly (readonly number[])[]) => number[][] } = {
  lstm(p, xs) {
    let h = new Array<number>(units).fill(0);
    let c = new Array<number>(units).fill(0);
    return xs.map((x) => {
      const z = product(x, p['lstm1.kernel']!, 4 * units).map(
        (a, j) => a + product(h, p['lstm1.recurrentKernel']!, 4 * units)[j]! + (p['lstm1.bias']?.[j] ?? 0),
      );
      const seen = (gate: number, k: number, cell: readonly number[]) => (p['lstm1.peephole']?.[gate * units + k] ?? 0) * cell[k]!;
      const next = c.map((cell, k) => sigmoid(z[units + k]! + 1 + seen(1, k, c)) * cell + sigmoid(z[k]! + seen(0, k, c)) * Math.tanh(z[2 * units + k]!));
      h = next.map((cell, k) => sigmoid(z[3 * units + k]! + seen(2, k, next)) * Math.tanh(cell));
      c = next;
      return h;
    });
  },
  gru(p, xs) {
    let h = new Array<number>(units).fill(0);
    return xs.map((x) => {
      const a = product(x, p['gru1.kernel']!, 3 * units).map((v, j) => v + p['gru1.bias']![j]!);
      const b = product(h, p['gru1.recurrentKernel']!, 3 * units);
      h = h.map((before, k) => {
        const candidate = Math.tanh(a[2 * units + k]! + sigmoid(a[k]! + b[k]!) * b[2 * units + k]!);
        const update = sigmoid(a[units + k]! + b[units + k]!);
        return (1 - update) * candidate + update * before;
      });
      return h;
    });
  },
};

const kinds: [string, string, object][] = [
  ['lstm', 'lstm', {}],
  ['lstm with peepholes, without bias', 'lstm', { peephole: true, bias: false }],
  ['gru', 'gru', {}],
];

describe.each(kinds)('%s', (_name, kind, settings) => {
  const rows = [wave([4, 2], 0.2), wave([4, 2], 3)];
  const x = () => tensor(rows.flat(), [2, 4, 2]);
  const read = (p: Numbers, h: readonly number[]) => h.reduce((total, value, i) => total + value * p['output.kernel']![i]!, p['output.bias']![0]!);
  const expected = (p: Numbers, output: 'last' | 'sequence') =>
    rows.map((row) => {
      const states = byEquations[kind]!(
        p,
        [0, 1, 2, 3].map((t) => row.slice(2 * t, 2 * t + 2)),
      );
      return read(p, output === 'last' ? states.at(-1)! : states.flat());
    });

  it.each(['last', 'sequence'] as const)('follows its equations, output %s', (output) => {
    const model = network(kind, [4, 2], { ...settings, output });
    expect(model.layers[0]!.output).toEqual(output === 'last' ? [units] : [4, units]);
    values(() => model.apply(tensors(model), x())).forEach((y, row) => expect(y).toBeCloseTo(expected(numbers(model), output)[row]!, 4));
  });

  it('gives K stacked members what K separate networks give, gradients too', () => {
    const model = network(kind, [4, 2], { ...settings, output: 'sequence' });
    const both = () => mapParams((_name, a, b) => stack([a, b]), tensors(model), tensors(model, 9));
    const separate = [0, 9].flatMap((phase) => expected(numbers(model, phase), 'sequence'));
    values(() => model.apply(both(), x())).forEach((y, i) => expect(y).toBeCloseTo(separate[i]!, 4));
    for (const { name } of model.parameters.slice(0, -2)) {
      const by = (params: Params) => grads((part) => sum(mul(model.apply({ ...params, [name]: part! }, x()), 0.1)))([params[name]!])[0]!;
      const apart = [0, 9].flatMap((phase) => values(() => by(tensors(model, phase))));
      values(() => by(both())).forEach((g, i) => expect(g).toBeCloseTo(apart[i]!, 4));
    }
  });

  it('has gradients that finite differences in float64 confirm to 1e-6', () => {
    const model = network(kind, [4, 2], settings);
    const { info } = trace(
      (_state, batch) => {
        const loss = (...parts: Tensor[]) => sum(model.apply(Object.fromEntries(model.parameters.map(({ name }, i) => [name, parts[i]!])), batch['x']!));
        const weights = model.parameters.map(({ name }) => batch[name]!);
        const slopes = grads(loss)(weights);
        return { info: { loss: loss(...weights), ...Object.fromEntries(model.parameters.map(({ name }, i) => [name, slopes[i]!])) } };
      },
      {
        state: {},
        batch: Object.fromEntries([
          ['x', { dtype: 'float32', shape: [2, 4, 2] }],
          ...model.parameters.map(({ name, shape }) => [name, { dtype: 'float32', shape }]),
        ]),
      },
    );
    const inputs: { [name: string]: readonly number[] } = { 'batch:x': rows.flat() };
    for (const [name, own] of Object.entries(numbers(model))) inputs[`batch:${name}`] = own;
    const exact = evaluate(Object.values(info), inputs);
    Object.keys(info).forEach((name, n) => {
      if (name === 'loss') return;
      const own = inputs[`batch:${name}`]!;
      for (const position of [0, own.length - 1]) {
        const at = (h: number) => evaluate([info['loss']!], { ...inputs, [`batch:${name}`]: own.with(position, own[position]! + h) })[0]![0]!;
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs(exact[n]![position]! - slope)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
      }
    });
  });
});

it('takes a row of features as a sequence with one channel, and refuses long ones with advice', () => {
  expect(
    network('gru', [12], { bias: false })
      .parameters.map(({ name, shape }) => [name, shape])
      .slice(0, 3),
  ).toEqual([
    ['gru1.kernel', [1, 3 * units]],
    ['gru1.recurrentKernel', [units, 3 * units]],
    ['output.kernel', [units, 1]],
  ]);
  expect(() => network('lstm', [1000])).toThrow('it takes at most 256 steps and its sequences have 1000; shorten them');
});
