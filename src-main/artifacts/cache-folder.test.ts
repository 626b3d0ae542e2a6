import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCacheFolder } from './cache-folder';

describe('openCacheFolder', () => {
  let folder: string;
  let warnings: string[];
  const open = (build = 'one', limit?: number) =>
    openCacheFolder({
      folder: join(folder, 'programs'),
      what: 'compiled step',
      build,
      warn: (message) => void warnings.push(message),
      ...(limit && { limit }),
    });
  const files = async () => (await readdir(join(folder, 'programs'))).map((name) => join(folder, 'programs', name));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credence-programs-'));
    warnings = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('returns what was put, to the same build only', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(await open().get('key')).toBeUndefined();
    await open().put('key', bytes);
    expect([...(await open().get('key'))!]).toEqual([1, 2, 3]);
    expect(await open('two').get('key')).toBeUndefined();
    expect(await open().get('key ')).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  // Mutation caught: a file that is believed because its name fits.
  it('throws a damaged or foreign file away, and says so', async () => {
    await open().put('key', Uint8Array.of(1, 2, 3));
    const [path] = await files();
    const whole = Uint8Array.from(await readFile(path!));
    for (const damaged of [whole.with(whole.length - 1, 9), whole.with(40, 9), whole.subarray(0, 42), Buffer.alloc(0)]) {
      await writeFile(path!, damaged);
      expect(await open().get('key')).toBeUndefined();
      expect(await files()).toEqual([]);
    }
    expect(warnings).toHaveLength(4);
    await open().put('other', Uint8Array.of(4));
    await writeFile(path!, await readFile((await files())[0]!));
    expect(await open().get('key')).toBeUndefined();
  });

  it('stays within its limit: what was not used for longest goes', async () => {
    const programs = open('one', 1100);
    for (const [i, key] of ['a', 'b', 'c'].entries()) {
      const before = new Set(i === 0 ? [] : await files());
      await programs.put(key, new Uint8Array(300));
      const own = (await files()).find((path) => !before.has(path))!;
      await utimes(own, new Date(), new Date(1000 * (i + 1)));
    }
    await programs.get('a'); // used now
    await programs.put('d', new Uint8Array(300));
    expect([(await programs.get('a'))?.length, await programs.get('b'), (await programs.get('d'))?.length]).toEqual([300, undefined, 300]);
  });

  it('cannot be written: says so and goes on', async () => {
    await writeFile(join(folder, 'programs'), 'a file in the way');
    await open().put('key', Uint8Array.of(1));
    expect(await open().get('key')).toBeUndefined();
    expect(warnings.length).toBeGreaterThan(0);
  });
});
