/** @file Tables as comma-separated values, RFC 4180. */
import type { Table } from './define-chart';

const field = (value: number | string | undefined): string => {
  const text = value === undefined || (typeof value === 'number' && Number.isNaN(value)) ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Header and rows, lines ended by CRLF; NaN becomes an empty field, numbers keep every digit. */
export function toCsv(table: Table): string {
  const names = Object.keys(table);
  const rows = Math.max(0, ...names.map((name) => table[name]!.length));
  const lines = Array.from({ length: rows }, (_, i) => names.map((name) => field(table[name]![i])).join(','));
  return [names.map(field).join(','), ...lines].map((line) => `${line}\r\n`).join('');
}
