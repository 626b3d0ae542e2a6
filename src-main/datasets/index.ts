/** @file Every dataset of the workbench. Adding one = one file + two lines here. Imported datasets are database rows: see open.ts. */
import type { DatasetKind } from './dataset';
import { drawnDigits } from './drawn-digits';
import { drawnGlyphs } from './drawn-glyphs';
import { fashionMnist } from './fashion-mnist';
import { kmnist } from './kmnist';
import { mnist } from './mnist';
import { randomWalk, twoSines } from './sequence-toys';
import { toyHeteroscedastic, toyHomoscedastic } from './toy-regression';
import { uciConcrete, uciEnergy, uciHousing, uciPower, uciWine, uciYacht } from './uci';

export const datasets = {
  'drawn-digits': drawnDigits,
  mnist,
  'fashion-mnist': fashionMnist,
  kmnist,
  'drawn-glyphs': drawnGlyphs,
  'toy-homoscedastic': toyHomoscedastic,
  'toy-heteroscedastic': toyHeteroscedastic,
  'two-sines': twoSines,
  'random-walk': randomWalk,
  'uci-housing': uciHousing,
  'uci-concrete': uciConcrete,
  'uci-energy': uciEnergy,
  'uci-power': uciPower,
  'uci-wine': uciWine,
  'uci-yacht': uciYacht,
} satisfies Record<string, DatasetKind>;
