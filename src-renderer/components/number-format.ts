/** @file Numbers as people read them: an honest count of digits, units, shares, durations. */

const minus = (text: string) => text.replaceAll('-', '−');

/** An exponent: −8 as ⁻⁸. */
export const superscript = (n: number): string => [...String(n)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]!)).join('');

/** `digits` significant digits; powers of ten only where plain digits would mislead or be too long. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  if (magnitude < -4 || magnitude > 8) {
    const [mantissa, power] = value.toExponential(digits - 1).split('e');
    return `${minus(mantissa!)} × 10${superscript(Number(power))}`;
  }
  const decimals = Math.max(0, digits - 1 - magnitude);
  return minus(rounded.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

/** A fraction counted among `rows` as percentage, with the digits its standard error leaves: 0.0182 of 10,000 → `1.82 %`. */
export function percent(fraction: number | null | undefined, rows = 1000): string {
  if (fraction === null || fraction === undefined || Number.isNaN(fraction)) return '–';
  const share = Math.min(1 - 1 / rows, Math.max(1 / rows, fraction)); // 0 of n is not 0 ± 0
  const standardError = 100 * Math.sqrt((share * (1 - share)) / rows);
  const resolution = Math.ceil(Math.log10(rows)) - 2; // one row more or less
  const decimals = Math.max(0, Math.min(resolution, Math.round(0.9 - Math.log10(standardError))));
  return `${minus((100 * fraction).toFixed(decimals))} %`;
}

/** `97.8 ± 0.3`: the standard error with two digits when it starts with 1, else one; the value cut at the same place. */
export function withError(value: number, standardError: number): string {
  if (!(standardError > 0)) return significant(value);
  const magnitude = Math.floor(Math.log10(standardError));
  const leading = standardError / 10 ** magnitude;
  const decimals = Math.max(0, (leading < 1.95 ? 1 : 0) - magnitude);
  return `${minus(value.toFixed(decimals))} ± ${standardError.toFixed(decimals)}`;
}

export const count = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : value.toLocaleString('en'));

/** Seconds as `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  const minutes = Math.round(total / 60);
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1440)} days`;
}

/** Bytes in powers of 1024: `12.4 MiB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const power = value < 1 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
  const unit = ['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]!;
  return `${power === 0 ? value : (value / 1024 ** power).toFixed(1)} ${unit}`;
}

/** `14:03` today, `21 Nov 14:03` this year, `21 Nov 2025` before. */
export function moment(time: number, now = Date.now()): string {
  const [then, today] = [new Date(time), new Date(now)];
  const clock = then.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (then.toDateString() === today.toDateString()) return clock;
  const day = then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return then.getFullYear() === today.getFullYear() ? `${day} ${clock}` : `${day} ${then.getFullYear()}`;
}

/** A rate in GFLOP/s: `205 GFLOP/s`, `41.3 TFLOP/s`. */
export const flops = (rate: number): string => (rate < 999.5 ? `${significant(rate, 3)} GFLOP/s` : `${significant(rate / 1000, 3)} TFLOP/s`);
