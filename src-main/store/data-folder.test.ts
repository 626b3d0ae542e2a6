import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileId } from '../contract/ids';
import { measureStorage, openDataFolder, resolveDataFolder } from './data-folder';
import { discardOldUploads, discardUpload, newUpload, uploadPath } from './uploads';

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
  it('measures its parts, and keeps uploads for a day', async () => {
    const root = mkdtempSync(join(tmpdir(), 'credence-data-'));
    const folder = openDataFolder(root);
    writeFileSync(folder.database, 'x'.repeat(10));
    writeFileSync(`${folder.database}-wal`, 'x'.repeat(5));
    writeFileSync(join(folder.logs, 'a.log'), 'x'.repeat(7));
    expect(await measureStorage(folder)).toEqual({ database: 15, artifacts: 0, datasets: 0, logs: 7 });

    const [a, b] = [newUpload(folder.uploads), newUpload(folder.uploads)];
    for (const { path } of [a, b]) writeFileSync(path, 'x');
    expect(uploadPath(folder.uploads, a.file)).toBe(a.path);
    discardUpload(folder.uploads, a.file);
    expect(() => uploadPath(folder.uploads, a.file)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    discardOldUploads(folder.uploads);
    expect(uploadPath(folder.uploads, b.file)).toBe(b.path);
    discardOldUploads(folder.uploads, Date.now() + 25 * 3600 * 1000);
    expect(() => uploadPath(folder.uploads, FileId.parse(b.file))).toThrow('choose it again');
    rmSync(root, { recursive: true });
  });
});
