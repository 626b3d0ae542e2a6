/** @file What all repositories need: new ids, and one row of a query parsed by its schema. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A fresh id such as `run-4k2m9x0a7q`: 10 characters, about 51 bits. */
export const newId = <Id extends z.ZodType>(schema: Id, prefix: string): z.output<Id> =>
  schema.parse(`${prefix}-${Array.from(randomBytes(10), (byte) => alphabet[byte % alphabet.length]).join('')}`);

/** Text or null of a JSON column → value. */
export const fromJson = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
