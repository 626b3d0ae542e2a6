/** @file What a layer is: settings, shapes, parameters and a pure apply. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Product } from '../numerics/affine';
import type { ParameterSpec } from '../numerics/parameter';
import type { Params } from '../numerics/tree';

export type Shape = readonly number[];

export interface LayerContext {
  /** Width the likelihood needs of the `output` layer. */
  readonly outputs: number;
}

/** x ∗ kernel + bias of the layer's own `kernel` and, where it has one, `bias`, evaluated by whichever rule is in force. */
export type LayerAffine = (product: Product, x: Tensor) => Tensor;

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
  /**
   * Shapes: x [rows, …input] → [rows, …output]; with parameters of K members also → [K, rows, …output], x then with or without the leading K.
   * `params` by the short names declared in `parameters`; `input` is the shape of one row. A layer whose parameters say `affine` uses them through `affine` alone.
   */
  apply(params: Params, x: Tensor, settings: z.output<Settings>, input: Shape, affine: LayerAffine): Tensor;
}

export const defineLayer = <Settings extends z.ZodObject>(kind: LayerKind<Settings>): LayerKind<Settings> => kind;
