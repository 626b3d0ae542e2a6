/** @file What a layer is: settings, shapes, parameters and a pure apply. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Product } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import type { Key } from '../numerics/random';
import type { Params } from '../numerics/tree';

export type Shape = readonly number[];

export interface LayerContext {
  /** Width the likelihood needs of the `output` layer. */
  readonly outputs: number;
  /** Shape of one row before each layer up to this one: the network's input first, the layer's own input last. */
  readonly earlier: readonly Shape[];
}

/**
 * x ∗ kernel + bias of the layer's own parameters, evaluated by whichever rule is in force. A layer with several maps
 * names them: the map 'recurrent' has the parameters `recurrentKernel` and, where it has one, `recurrentBias`.
 */
export type LayerAffine = (product: Product, x: Tensor, map?: string) => Tensor;

/** What a layer sees of the pass that it is part of. */
export interface Pass extends LayerContext {
  /** Shape of one row. */
  readonly input: Shape;
  /** What each layer up to this one was given; shapes of one row are in `earlier`. */
  readonly inputs: readonly Tensor[];
  readonly affine: LayerAffine;
  /** The layer's own address of noise. */
  readonly key: Key;
  /** Training: noise for each row. Predicting: noise for each draw, the same for all rows. */
  readonly training: boolean;
  /** One of the layer's own statistics of all rows: of this batch while training, else as they were measured for the draw. */
  statistic(name: string, ofBatch: () => Tensor): Tensor;
}

/** A parameter as its layer declares it; the model adds the layer's name and index. */
export type LayerParameter = Omit<ParameterSpec, 'layer'>;

export interface LayerKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly title: string;
  readonly reference: string;
  readonly help: string;
  readonly settings: Settings;
  /** Shape of one row. @throws WorkbenchError `shape-mismatch` with advice. */
  outputShape(input: Shape, settings: z.output<Settings>, context: LayerContext): Shape;
  parameters(input: Shape, settings: z.output<Settings>, context: LayerContext): readonly LayerParameter[];
  /** Shapes of what it measures over many rows at once, by name. */
  statistics?(input: Shape): { readonly [name: string]: Shape };
  /** Whether it is random when it predicts, so that draws differ even if their weights do not. */
  randomPrediction?(settings: z.output<Settings>): boolean;
  /**
   * Shapes: x [rows, …input] → [rows, …output]; with parameters of K members also → [K, rows, …output], x then with or without the leading K.
   * `params` by the short names declared in `parameters`. A layer whose parameters say `affine` uses them through `affine` alone.
   */
  apply(params: Params, x: Tensor, settings: z.output<Settings>, pass: Pass): Tensor;
}

export const defineLayer = <Settings extends z.ZodObject>(kind: LayerKind<Settings>): LayerKind<Settings> => kind;
