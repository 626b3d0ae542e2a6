import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { Step } from '../numerics/step';
import { evaluate } from './evaluate';
import { unfused } from './fusion/partition';
import { reachable, sizeOf, type Node } from './graph';
import { logRows, withHostScalars, type HostScalars } from './host-scalars';
import { fromResidentRows } from './resident-rows';
import { trace } from './trace';

type Inputs = { readonly [name: string]: ArrayLike<number> };

/** A weight that shrinks by its clipped norm, and what is told of it: a density, the scale itself, a count, a whole tensor. */
const step: Step<{ readonly w: tf.Tensor; readonly temperature: tf.Tensor }> = ({ w, temperature }, { x, y }, _key, { rate, decay }) => {
  const error = tf.sub(tf.sum(tf.mul(w, x!), 1), y!);
  const squares = tf.sum(tf.square(w));
  const shrink = tf.minimum(tf.mul(tf.sqrt(rate!), decay!), tf.sqrt(squares));
  return {
    state: { w: tf.mul(w, tf.sub(1, tf.mul(rate!, shrink))), temperature },
    info: {
      density: tf.add(tf.mul(squares, -0.5), tf.mul(tf.div(tf.sum(tf.square(error)), temperature), decay!)) as tf.Scalar,
      shrink,
      wrong: tf.sum(tf.cast(tf.greater(error, 0), 'int32')),
      rate: tf.mul(rate!, 2),
      error,
    },
  };
};
const rows = 3;
const shapes = {
  state: { w: { dtype: 'float32', shape: [4] }, temperature: { dtype: 'float32', shape: [] } },
  batch: { x: { dtype: 'float32', shape: [rows, 4] }, y: { dtype: 'float32', shape: [rows] } },
  hyper: ['rate', 'decay'],
} as const;
const given: Inputs = {
  'state:w': [0.5, -1, 2, 0.25],
  'state:temperature': [1.5],
  'batch:x': Array.from({ length: 12 }, (_, i) => Math.sin(i)),
  'batch:y': [1, -1, 0.5],
  'hyper:rate': [0.01],
  'hyper:decay': [3],
};

const values = (graphs: { readonly [name: string]: Node }, inputs: Inputs) => {
  const all = evaluate(Object.values(graphs), inputs);
  return Object.fromEntries(Object.keys(graphs).map((name, i) => [name, [...all[i]!]]));
};

describe('withHostScalars', () => {
  let core: { readonly [name: string]: Node };
  let device: typeof core;
  let scalars: HostScalars;
  beforeAll(() => {
    core = unfused(trace(step, shapes)).core;
    ({ core: device, scalars } = withHostScalars(core));
  });
  /** One step, host and device together. */
  const run = (log: ArrayLike<number>) => {
    const known = values(Object.fromEntries(scalars.given.map((node, i) => [i, node])), given);
    const onDevice = values(device, { ...given, scalars: Object.values(known).flat(), log });
    const row = onDevice['next:log']!.slice(-scalars.told);
    return { onDevice, info: values(scalars.info, { ...given, ...Object.fromEntries(row.map((value, i) => [`told:${i}`, [value]])) }) };
  };

  it('gives the same state and metrics', () => {
    const { onDevice, info } = run(new Array<number>(logRows * scalars.told).fill(0));
    const told = Object.fromEntries(Object.entries(info).map(([name, value]) => [`info:${name}`, value]));
    const { 'next:log': _log, ...others } = onDevice;
    const expected = values(core, given);
    expect(Object.keys({ ...others, ...told }).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries({ ...others, ...told })) for (const [i, v] of value.entries()) expect(v).toBeCloseTo(expected[name]![i]!, 12);
  });

  it('moves the log of earlier steps up by one row', () => {
    const before = Array.from({ length: logRows * scalars.told }, (_, i) => i);
    expect(run(before).onDevice['next:log']!.slice(0, -scalars.told)).toEqual(before.slice(scalars.told));
  });

  it('leaves the device no arithmetic that the host can do', () => {
    const single = reachable(Object.values(device)).filter(({ op, shape, inputs }) => op !== 'reshape' && sizeOf(shape) === 1 && inputs.length > 0);
    // Three sums and their casts, one piece for each of the two scalars given, and the update's own arithmetic, which needs a sum.
    expect(single.map(({ op }) => op).sort()).toEqual(['cast', 'min', 'mul', 'reduceSum', 'reduceSum', 'reduceSum', 'slice', 'slice', 'sqrt', 'sub'].sort());
    expect(scalars.told).toBe(4); // the sums, and the temperature
    expect(Object.keys(scalars.info)).toEqual(['density', 'shrink', 'wrong', 'rate']);
  });

  it('reads a minibatch from resident rows', () => {
    const graphs = fromResidentRows(core, { x: { dtype: 'float32', shape: [5, 4] }, y: { dtype: 'float32', shape: [5] } });
    const x = Array.from({ length: 20 }, (_, i) => Math.cos(i));
    const y = [9, 8, 7, 6, 5];
    const numbers = [4, 0, 2];
    const expected = values(core, { ...given, 'batch:x': numbers.flatMap((row) => x.slice(4 * row, 4 * row + 4)), 'batch:y': numbers.map((row) => y[row]!) });
    expect(values(graphs, { ...given, 'rows:x': x, 'rows:y': y, rows: numbers })).toEqual(expected);
  });
});
