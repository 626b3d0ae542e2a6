import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from './log';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'credence-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const lines = (file: string) =>
  readFileSync(join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; message: string });

describe('log', () => {
  it('writes JSON lines and goes on where it ended', () => {
    openLog(folder).info('one', { run: 'run-1' });
    const log = openLog(folder);
    log.warn('two');
    expect(lines('credence.log')).toMatchObject([
      { level: 'info', message: 'one', run: 'run-1' },
      { level: 'warning', message: 'two' },
    ]);
    expect(log.tail(5)).toHaveLength(1);
  });

  it('rotates: at most so many files of at most so many bytes, the newest kept', () => {
    const log = openLog(folder, { bytes: 300, files: 3 });
    for (let i = 0; i < 40; i++) log.info(`message ${i}`);
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['credence.1.log', 'credence.2.log', 'credence.log']);
    for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(300);
    const messages = ['credence.2.log', 'credence.1.log', 'credence.log'].flatMap(lines).map(({ message }) => message);
    expect(messages).toEqual(Array.from({ length: messages.length }, (_, i) => `message ${40 - messages.length + i}`));
  });

  it('holds no tokens', () => {
    const log = openLog(folder);
    log.info('open http://127.0.0.1:1/?token=abc123&x=1', { token: 'abc123', headers: { cookie: 'credence=abc123' } });
    const text = readFileSync(join(folder, 'credence.log'), 'utf8');
    expect(text).not.toContain('abc123');
    expect(text).toContain('x=1');
  });

  it('keeps a crash as a report of its own', () => {
    const log = openLog(folder);
    const file = log.recordCrash(new Error('boom', { cause: new Error('deeper') }), 'renderer');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ origin: 'renderer', error: { message: 'boom', cause: { message: 'deeper' } } });
    expect(lines('credence.log')).toMatchObject([{ level: 'error', report: file }]);
  });
});
