/** @file Every row of `npm run faithful`. Adding a family = one file + one line here; adding a row to one = one table entry. */
import { againstHmc } from './against-hmc';
import { estimators } from './estimators';
import { importance } from './importance';
import { mnist } from './mnist';
import type { Row } from './row';
import { samplers } from './samplers';
import { sequences } from './sequences';
import { toys } from './toys';
import { uci } from './uci';

export const rows: readonly Row[] = [...mnist, ...importance, ...estimators, ...samplers, ...againstHmc, ...toys, ...sequences, ...uci];
