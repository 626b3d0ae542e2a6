import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimFolder, readOwner } from './owner';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credence-owner-'));
  path = join(folder, 'owner.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const door = { port: 4000, token: 'secret', url: 'http://127.0.0.1:4000/?token=secret' };
/** Larger than any process id of Linux. */
const deadPid = 2 ** 22 + 1;

describe('claimFolder', () => {
  it('admits one owner and tells the second where the first is', () => {
    const lock = claimFolder(path);
    lock.publish(door);
    expect(readOwner(path)).toMatchObject({ pid: process.pid, ...door });
    expect(() => claimFolder(path)).toThrowError(expect.objectContaining({ code: 'already-running', message: expect.stringContaining(door.url) as string }));
    lock.release();
    expect(existsSync(path)).toBe(false);
    claimFolder(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('keeps the token from other users', () => {
    const lock = claimFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    lock.publish(door);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a dead process', JSON.stringify({ pid: deadPid, started: null, port: 1, token: 't', url: 'u' })],
    ['a process whose id was used again', JSON.stringify({ pid: process.pid, started: 'another boot 5', port: 1, token: 't', url: 'u' })],
    ['a power failure', '{"pid":'],
  ])('takes over the lock of %s', (_whose, content) => {
    writeFileSync(path, content);
    expect(readOwner(path)).toBeNull();
    const lock = claimFolder(path);
    expect(readOwner(path)?.pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
