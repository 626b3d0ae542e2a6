import Database from 'better-sqlite3';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credence-store-'));
  path = join(folder, 'credence.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);';
const backups = () => readdirSync(join(folder, 'backups'));

describe('openDatabase', () => {
  it('applies each migration once, in order', () => {
    openDatabase(path, [first]).close();
    const db = openDatabase(path, [first, 'UPDATE a SET x = x + 1', 'UPDATE a SET x = x * 10']);
    expect(db.prepare('SELECT x FROM a').pluck().all()).toEqual([20]);
    expect(db.pragma('user_version', { simple: true })).toBe(3);
    db.close();
  });

  it('keeps the old content in a backup, and three backups at most', () => {
    const migrations = [first];
    openDatabase(path, migrations).close();
    for (let i = 0; i < 5; i++) {
      migrations.push('UPDATE a SET x = x + 1');
      openDatabase(path, migrations).close();
    }
    expect(backups().map((name) => name.match(/schema-(\d+)/)![1])).toEqual(['3', '4', '5']);
    const copy = new Database(join(folder, 'backups', backups()[0]!));
    expect(copy.prepare('SELECT x FROM a').pluck().all()).toEqual([3]);
    copy.close();
  });

  it('changes nothing when a migration fails', () => {
    openDatabase(path, [first]).close();
    expect(() => openDatabase(path, [first, 'UPDATE a SET x = 5', 'SELECT nonsense'])).toThrow('nonsense');
    const db = openDatabase(path, [first]);
    expect(db.prepare('SELECT x FROM a').pluck().all()).toEqual([1]);
    db.close();
  });

  it('refuses a database of a later version and leaves it alone', () => {
    openDatabase(path, [first, first.replaceAll('a ', 'b ')]).close();
    expect(() => openDatabase(path, [first])).toThrowError(
      expect.objectContaining({ code: 'newer-database', message: expect.stringContaining('schema 2') as string }),
    );
  });

  it('refuses a file that is no database', () => {
    writeFileSync(path, 'x'.repeat(5000));
    expect(() => openDatabase(path)).toThrowError(expect.objectContaining({ code: 'invalid-file' }));
  });

  it('refuses a Node.js that would crash, before anything is touched', () => {
    expect(() => openDatabase(path, undefined, 9)).toThrowError(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('22.14') as string }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
