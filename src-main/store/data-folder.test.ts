import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileId } from '../contract/ids';
import { measureStorage, openDataFolder, resolveDataFolder } from './data-folder';
import { discardOldUploads, discardUpload, uploadPath } from './uploads';

describe('resolveDataFolder', () => {
  const home = '/home/ada';
  it.each([
    ['linux', {}, '/home/ada/.local/share/credence'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/credence'],
    ['linux', { XDG_DATA_HOME: '/data', CREDENCE_HOME: '/mine' }, '/mine'],
    ['darwin', {}, '/home/ada/Library/Application Support/Credence'],
    ['win32', { APPDATA: '/roaming' }, '/roaming/Credence'],
  ] as const)('on %s with %j is %s', (platform, env, expected) => expect(resolveDataFolder(undefined, { env, platform, home })).toBe(expected));

  it('is the folder asked for before all', () => {
    expect(resolveDataFolder('/asked', { env: { CREDENCE_HOME: '/mine' }, platform: 'linux', home })).toBe('/asked');
  });
});

describe('data folder', () => {
  it('says which folder cannot be used, and what to do', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'credence-data-')), 'a file');
    writeFileSync(file, '');
    expect(() => openDataFolder(file)).toThrowError(
      expect.objectContaining({
        code: 'invalid-spec',
        message: `The data folder ${file} cannot be used (ENOTDIR); choose another with --data-dir or CREDENCE_HOME`,
      }),
    );
    rmSync(join(file, '..'), { recursive: true });
  });

  it('measures its parts, and keeps uploads for a day', async () => {
    const root = mkdtempSync(join(tmpdir(), 'credence-data-'));
    const folder = openDataFolder(root);
    writeFileSync(folder.database, 'x'.repeat(10));
    writeFileSync(`${folder.database}-wal`, 'x'.repeat(5));
    writeFileSync(join(folder.logs, 'a.log'), 'x'.repeat(7));
    expect(await measureStorage(folder)).toEqual({ database: 15, artifacts: 0, datasets: 0, logs: 7 });

    const [a, b] = [FileId.parse('file-aaaa'), FileId.parse('file-bbbb')];
    for (const file of [a, b]) writeFileSync(join(folder.uploads, file), 'x');
    expect(uploadPath(folder.uploads, a)).toBe(join(folder.uploads, a));
    discardUpload(folder.uploads, a);
    expect(() => uploadPath(folder.uploads, a)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    discardOldUploads(folder.uploads);
    expect(uploadPath(folder.uploads, b)).toBe(join(folder.uploads, b));
    discardOldUploads(folder.uploads, Date.now() + 25 * 3600 * 1000);
    expect(() => uploadPath(folder.uploads, b)).toThrow('choose it again');
    rmSync(root, { recursive: true });
  });
});
