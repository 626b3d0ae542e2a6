/** @file The local log: JSON lines in rotating files, and reports of crashes. Nothing is ever sent. */
import { appendFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type LogLevel = 'info' | 'warning' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface Log extends Logger {
  /** Keeps an uncaught error as a file of its own. Returns its path. */
  recordCrash(error: unknown, origin: string): string;
  /** The last lines, oldest first. */
  tail(lines: number): string[];
}

export interface LogLimits {
  readonly bytes: number;
  readonly files: number;
}

const keptCrashes = 20;

/** A secret in a URL or a field. */
const secret = /((?:token|cookie|authorization)"?\s*[=:]\s*"?)[^"&\s]+/gi;

/** An error with its stack and causes, as JSON. */
export const describeError = (error: unknown): LogFields =>
  error instanceof Error
    ? {
        message: error.message,
        ...('code' in error && { code: error.code }),
        stack: error.stack,
        ...(error.cause !== undefined && { cause: describeError(error.cause) }),
      }
    : { message: String(error) };

/** Opens `folder/credence.log`; full files move on to credence.1.log … and the oldest goes. */
export function openLog(folder: string, { bytes, files }: LogLimits = { bytes: 5 * 2 ** 20, files: 5 }): Log {
  const path = (age: number) => join(folder, age === 0 ? 'credence.log' : `credence.${age}.log`);
  let size = statSync(path(0), { throwIfNoEntry: false })?.size ?? 0;
  const recent: string[] = [];

  const write = (level: LogLevel, message: string, fields: LogFields = {}) => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }).replace(secret, '$1…')}\n`;
    const length = Buffer.byteLength(line);
    if (size > 0 && size + length > bytes) {
      for (let age = files - 1; age > 0; age--) if (statSync(path(age - 1), { throwIfNoEntry: false })) renameSync(path(age - 1), path(age));
      size = 0;
    }
    attempt(() => appendFileSync(path(0), line), line);
    size += length;
    recent.push(line.trimEnd());
    if (recent.length > 500) recent.shift();
  };

  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warning', message, fields),
    error: (message, fields) => write('error', message, fields),
    recordCrash(error, origin) {
      const file = join(folder, `crash-${new Date().toISOString().replaceAll(':', '')}.json`);
      const report = {
        time: new Date().toISOString(),
        origin,
        error: describeError(error),
        node: process.version,
        platform: process.platform,
        memory: process.memoryUsage(),
      };
      write('error', `Uncaught error (${origin})`, { error: report.error, report: file });
      const text = JSON.stringify(report, null, 2).replace(secret, '$1…');
      attempt(() => writeFileSync(file, text), text);
      // Names begin with the time, so they sort by age.
      for (const old of readdirSync(folder)
        .filter((name) => name.startsWith('crash-'))
        .sort()
        .slice(0, -keptCrashes))
        rmSync(join(folder, old));
      return file;
    },
    tail: (lines) => recent.slice(-lines),
  };
}

/** A log that cannot be written must not end the app; the terminal is the only place left. */
function attempt(write: () => void, text: string): void {
  try {
    write();
  } catch (error) {
    process.stderr.write(`The log could not be written (${String(error)}): ${text}\n`);
  }
}
