import { expect, it } from 'vitest';
import { z } from 'zod';
import { checkResult } from './check-result';

const result = z.object({ nll: z.number(), mean: z.object({ total: z.number() }) });
const check = (found: unknown) => checkResult({ title: 'Evaluate', result }, found);

it('lets a result pass that is as its schema says', () => {
  expect(check({ nll: 1, mean: { total: 2 } })).toEqual({ nll: 1, mean: { total: 2 } });
});

it('says of numbers that are not finite that the run is at fault, and hides no other fault', () => {
  expect(() => check({ nll: NaN, mean: { total: Infinity } })).toThrow(
    expect.objectContaining({ code: 'diverged', message: expect.stringMatching(/^Evaluate came to numbers .* \(nll, mean\.total\): .* smaller step\.$/) }),
  );
  for (const found of [{ nll: NaN, mean: {} }, { nll: 'one', mean: { total: 1 } }, null]) expect(() => check(found)).toThrow(z.ZodError);
});
