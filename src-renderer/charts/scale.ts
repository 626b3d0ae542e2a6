/** @file Axes as numbers: domains, ticks and the map from values to pixels. */
import { superscript } from '../components/number-format';
import type { Tick } from './figure';

export interface Scale {
  readonly log: boolean;
  readonly domain: readonly [number, number];
  /** Pixel of a value; NaN where the axis has none. */
  at(value: number): number;
  /** Value at a pixel. */
  invert(pixel: number): number;
}

/** Maps domain onto [from, to] px, linearly or by logarithm. */
export function makeScale(domain: readonly [number, number], from: number, to: number, log: boolean): Scale {
  const forward = log ? (value: number) => (value > 0 ? Math.log10(value) : NaN) : (value: number) => value;
  const [low, high] = [forward(domain[0]), forward(domain[1])];
  const ratio = (to - from) / (high - low);
  return {
    log,
    domain,
    at: (value) => from + (forward(value) - low) * ratio,
    invert: (pixel) => {
      const value = low + (pixel - from) / ratio;
      return log ? 10 ** value : value;
    },
  };
}

/** The step 1, 2 or 5 × 10ⁿ that gives about `count` ticks. */
export function niceStep(extent: number, count: number): number {
  const raw = extent / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const fraction = raw / power;
  return power * (fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10);
}

/** 12345.6 → '12 346': thin groups from five digits on. */
const grouped = (text: string): string => {
  const [whole = '', rest] = text.split('.');
  const digits = whole.replace(/^-/, '');
  const body = digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return (whole.startsWith('-') ? '−' : '') + body + (rest === undefined ? '' : `.${rest}`);
};

/** A value with as many decimals as `step` tells apart. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (Math.abs(value) < 1e7 && decimals <= 5) return grouped(value.toFixed(decimals));
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const mantissa = value / 10 ** exponent;
  const digits = Math.min(6, Math.max(0, exponent - Math.floor(Math.log10(step) + 1e-9)));
  const head = mantissa.toFixed(digits);
  return head === '1' ? `10${superscript(exponent)}` : `${head.replace('-', '−')}×10${superscript(exponent)}`;
}

/** A value for reading: six significant digits at most, no trailing zeros. */
export function formatExact(value: number): string {
  if (!Number.isFinite(value)) return '—';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) {
    const [mantissa = '', exponent = '0'] = value.toExponential(4).split('e');
    return `${String(Number(mantissa)).replace('-', '−')}×10${superscript(Number(exponent))}`;
  }
  return grouped(String(Number(value.toPrecision(6))));
}

/** Ticks at multiples of a nice step inside the domain; at whole numbers only where the values are counts. */
export function linearTicks([low, high]: readonly [number, number], count: number, whole = false): Tick[] {
  const step = Math.max(niceStep(high - low, count), whole ? 1 : 0);
  const ticks: Tick[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= high / step + 1e-9; i++) ticks.push({ value: i * step, text: formatTick(i * step, step) });
  return ticks;
}

/** Powers of ten, with 2 and 5 between them where there is room; linear ticks within one power. */
export function logTicks([low, high]: readonly [number, number], count: number): Tick[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const powers = last - first + 1;
  if (powers < 1 || (powers === 1 && high / low < 8)) return linearTicks([low, high], count);
  const stride = Math.ceil(powers / count);
  const mantissas = powers * 3 <= count + 1 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let power = first - 1; power <= last; power += 1) {
    if (stride > 1 && (power - first) % stride !== 0) continue;
    for (const mantissa of mantissas) {
      const value = Number(`${mantissa}e${power}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push({ value, text: formatTick(value, value) });
    }
  }
  return ticks;
}
