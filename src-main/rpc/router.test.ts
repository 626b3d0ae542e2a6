import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { WorkbenchError } from '../contract/errors';
import { type Handlers, procedures } from '../contract/rpc';
import { createRouter } from './router';

const logged: unknown[] = [];
const log = { error: (message: string, fields?: unknown) => void logged.push([message, fields]) };

/** Every handler returns the same. */
const handlersReturning = (output: unknown) => Object.fromEntries(Object.keys(procedures).map((name) => [name, () => output])) as unknown as Handlers;
const throwing = (error: unknown) =>
  createRouter(
    new Proxy(handlersReturning(null), {
      get: () => () => {
        throw error;
      },
    }),
    log,
  );

describe('router', () => {
  it.each(Object.keys(procedures))('%s refuses a bad input and a bad output', async (name) => {
    const nonsense = Symbol('nonsense');
    const router = createRouter(handlersReturning(nonsense), log);
    await expect(router.call(name, nonsense)).rejects.toMatchObject({ code: 'invalid-spec', message: expect.stringContaining(name) as string });
    const { input } = procedures[name as keyof typeof procedures];
    const passing = [null, { trash: false }].find((candidate) => input.safeParse(candidate).success);
    if (passing === undefined) return; // its output is checked by the same lines
    const failure = await router.call(name, passing).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(WorkbenchError); // a bug of ours, not the caller's fault
  });

  it('gives the handler what the schema makes of the input', async () => {
    let seen: unknown;
    const router = createRouter({ ...handlersReturning([]), 'runs.list': (input) => ((seen = input), []) }, log);
    expect(await router.call('runs.list', {})).toEqual([]);
    expect(seen).toEqual({ trash: false });
  });

  it('knows no other procedure, not even inherited names', async () => {
    for (const name of ['runs.explode', 'toString', '__proto__']) {
      await expect(createRouter(handlersReturning(null), log).call(name, null)).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('passes on what the user can act on, and logs what only we can', async () => {
    logged.length = 0;
    const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
    await expect(throwing(full).call('settings.get', null)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('the database') as string,
    });
    await expect(throwing(new WorkbenchError('disk-full', 'full')).call('settings.get', null)).rejects.toMatchObject({ code: 'disk-full' });
    expect(logged).toEqual([]);
    await expect(throwing(new TypeError('oops')).call('settings.get', null)).rejects.toThrow('oops');
    expect(logged).toMatchObject([['A call failed', { procedure: 'settings.get', error: { message: 'oops' } }]]);
  });
});
