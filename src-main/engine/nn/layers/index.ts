/** @file Every layer of the workbench. Adding one = one file + two lines here. */
import type { LayerKind } from '../layer';
import { dense } from './dense';
import { flatten } from './flatten';
import { output } from './output';

export const layers = { flatten, dense, output } satisfies Record<string, LayerKind>;
