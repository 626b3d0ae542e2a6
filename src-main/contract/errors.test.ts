import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssues } from './errors';

const settings = z.strictObject({
  rate: z.number().min(0).max(0.95).default(0.5),
  draws: z.int().min(1).default(3),
  decay: z.number().gt(0).lt(1).default(0.9),
  name: z.string().max(3).default(''),
});
const said = (values: object) => describeIssues(settings.safeParse(values).error!, settings);

describe('what is wrong with settings', () => {
  it('names the whole range of a number that is out of it', () => {
    expect(said({ rate: 2 })).toBe('rate: must be from 0 to 0.95');
    expect(said({ rate: -1 })).toBe('rate: must be from 0 to 0.95');
    expect(said({ draws: 0 })).toBe('draws: must be at least 1');
    expect(said({ decay: 1 })).toBe('decay: must be above 0 and below 1');
  });

  it('says of everything else what the schema says', () => {
    expect(said({ name: 'long' })).toMatch(/^name: Too big/);
    expect(said({ rate: '1' })).toMatch(/^rate: Invalid input/);
  });
});
