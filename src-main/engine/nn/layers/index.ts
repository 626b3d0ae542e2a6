/** @file Every layer of the workbench. Adding one = one file + two lines here. */
import type { LayerKind } from '../layer';
import { averagePool } from './average-pool';
import { batchNorm } from './batch-norm';
import { conv1d } from './conv1d';
import { conv2d } from './conv2d';
import { conv3d } from './conv3d';
import { convTranspose1d } from './conv-transpose1d';
import { convTranspose2d } from './conv-transpose2d';
import { dense } from './dense';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { flatten } from './flatten';
import { globalAveragePool } from './global-average-pool';
import { gru } from './gru';
import { layerNorm } from './layer-norm';
import { lstm } from './lstm';
import { maxPool } from './max-pool';
import { output } from './output';
import { residual } from './residual';

export const layers = {
  flatten,
  dense,
  conv2d,
  conv1d,
  conv3d,
  'conv-transpose1d': convTranspose1d,
  'conv-transpose2d': convTranspose2d,
  'max-pool': maxPool,
  'average-pool': averagePool,
  'global-average-pool': globalAveragePool,
  lstm,
  gru,
  embedding,
  residual,
  'batch-norm': batchNorm,
  'layer-norm': layerNorm,
  dropout,
  output,
} satisfies Record<string, LayerKind>;
