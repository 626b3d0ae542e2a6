import type { DatasetStatus } from '../../../src-main/contract/dataset';
import { count } from '../../components/number-format';

/** State of a dataset in a few words. */
export function stateText({ state, source, rows, progress }: DatasetStatus): string {
  switch (state) {
    case 'ready':
      return rows ? `Ready · ${count(rows.train)} + ${count(rows.test)} rows` : 'Ready';
    case 'missing':
      return source === 'generated' ? 'Generated on first use' : 'Not downloaded yet';
    case 'preparing':
      return `${progress?.message ?? 'Preparing'} · ${Math.round(100 * (progress?.fraction ?? 0))} %`;
    case 'failed':
      return 'Download failed';
  }
}
