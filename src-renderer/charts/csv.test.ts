import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('writes RFC 4180: quoted where needed, every digit kept, NaN as an empty field', () => {
  const csv = toCsv({ 'class, name': ['a "b"', 'line\nbreak', 'plain'], p: Float64Array.of(1 / 3, NaN, 1e-9) });
  expect(csv).toBe('"class, name",p\r\n"a ""b""",0.3333333333333333\r\n"line\nbreak",\r\nplain,1e-9\r\n');
});
