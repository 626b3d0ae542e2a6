/** @file Edits of a chain of layers. The output layer always stays the last. */
import { LayerSpec } from '../../../src-main/contract/spec';

type Layers = readonly LayerSpec[];

/** Index of the layer before which nothing can be moved out: the output layer, or the end. */
const end = (layers: Layers): number => (layers.at(-1)?.kind === 'output' ? layers.length - 1 : layers.length);

/** Takes a layer from one place to another; `to` counts places without it. */
export function move(layers: Layers, from: number, to: number): LayerSpec[] {
  const layer = layers[from];
  if (!layer || from >= end(layers)) return [...layers];
  const without = layers.toSpliced(from, 1);
  return without.toSpliced(Math.max(0, Math.min(to, end(without))), 0, layer);
}

/** A copy of its own behind it. */
export const duplicate = (layers: Layers, at: number): LayerSpec[] =>
  at < end(layers) ? layers.toSpliced(at + 1, 0, LayerSpec.parse(layers[at])) : [...layers];

export const remove = (layers: Layers, at: number): LayerSpec[] => (at < end(layers) ? layers.toSpliced(at, 1) : [...layers]);

/** A new layer with its kind's own defaults. */
export const insert = (layers: Layers, at: number, kind: string): LayerSpec[] =>
  layers.toSpliced(Math.max(0, Math.min(at, end(layers))), 0, { kind, settings: {} });
