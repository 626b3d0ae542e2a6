/** @file How a run's progress reads in a terminal: one line that is redrawn, or a line per epoch where there is no terminal. */
import type { CrossValidation } from '../contract/cross-validation';
import type { Run } from '../contract/run';

const width = 24;

/** Seconds as 42 s, 3:07 or 1:02:09. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const pad = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** Four significant digits, without exponent where that is short. */
export const formatNumber = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value));

/** The newest value of each metric, in the order the run reports them. */
export const formatMetrics = (latest: Run['latest']): string =>
  Object.entries(latest)
    .flatMap(([name, value]) => (value === null ? [] : [`${name} ${formatNumber(value)}`]))
    .join('  ');

/** `[████░░░░]  43 %  epoch 4.3/10  41.2 steps/s  1:02 left  elbo −0.31`. */
export function progressLine({ status, progress, latest }: Pick<Run, 'status' | 'progress' | 'latest'>): string {
  if (!progress || progress.steps === 0) return progress?.message ? `${status}: ${progress.message}` : status;
  const fraction = Math.min(1, progress.step / progress.steps);
  const filled = Math.floor(fraction * width);
  const bar = `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}]`;
  const facts = [
    `${bar} ${String(Math.floor(fraction * 100)).padStart(3)} %`,
    `epoch ${progress.epoch.toFixed(1)}/${progress.epochs}`,
    progress.speed > 0 ? `${formatNumber(progress.speed)} steps/s` : status,
    progress.eta === null ? '' : `${formatDuration(progress.eta)} left`,
    formatMetrics(latest),
  ];
  return facts.filter(Boolean).join('  ');
}

/** `[████░░░░]  43 %  120 of 260 fits  1:02 left  split 4: setting 2 of 12`. */
export function crossValidationLine({ status, fits, progress }: Pick<CrossValidation, 'status' | 'fits' | 'progress'>): string {
  const fraction = progress?.fraction ?? fits.done / Math.max(1, fits.planned);
  const filled = Math.floor(fraction * width);
  const facts = [
    `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}] ${String(Math.floor(fraction * 100)).padStart(3)} %`,
    `${fits.done} of ${fits.planned} fits`,
    progress?.eta ? `${formatDuration(progress.eta)} left` : status,
    progress?.message ?? '',
  ];
  return facts.filter(Boolean).join('  ');
}

export interface ProgressDisplay {
  show(run: Run): void;
  /** A line that stays, above the bar. */
  say(line: string): void;
  end(): void;
}

/** Draws on `out`; only its last line is redrawn. */
export function createDisplay(out: NodeJS.WriteStream): ProgressDisplay {
  let epoch = -1;
  let bar = '';
  const clear = () => bar && out.write('\r\x1b[2K');
  return {
    show(run) {
      const text = progressLine(run);
      if (out.isTTY) {
        clear();
        bar = text.slice(0, (out.columns || 100) - 1);
        out.write(bar);
      } else if (run.progress && Math.floor(run.progress.epoch) > epoch) {
        epoch = Math.floor(run.progress.epoch);
        out.write(`${text}\n`);
      }
    },
    say(line) {
      clear();
      out.write(`${line}\n${bar}`);
    },
    end() {
      if (bar) out.write('\n');
      bar = '';
    },
  };
}
