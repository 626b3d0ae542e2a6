/** @file The closed set of errors a user can act on; everything else is a bug and becomes `internal` at a boundary. */
import { z } from 'zod';

export const ErrorCode = z.enum([
  'invalid-spec', // a setting is out of range or two settings do not fit
  'shape-mismatch', // an architecture whose shapes do not fit
  'invalid-file', // a file that is not what it claims to be
  'not-found',
  'checksum-mismatch',
  'dataset-changed', // the data on disk is not the data the run began with
  'download-failed',
  'diverged', // NaN or infinite objective
  'disk-full',
  'newer-database', // written by a later version of Credence
  'already-running', // another process owns the data folder
  'unauthorised', // wrong token, Origin or Host
  'unsupported', // a method, layer, prior or device that cannot do what is asked
  'device-failed',
  'cancelled',
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** The form in which an error crosses a process or network boundary. */
export const ErrorReport = z.object({ code: ErrorCode, message: z.string(), details: z.record(z.string(), z.json()).optional() });
export type ErrorReport = z.infer<typeof ErrorReport>;

/** An error the user can act on. The message says what happened, with values, then what to do. */
export class WorkbenchError extends Error {
  override readonly name = 'WorkbenchError';
  readonly details: ErrorReport['details'];
  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { details?: ErrorReport['details']; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.details = options.details;
  }
}

/** Converts anything thrown into what may cross a boundary. Only `internal` hides a stack, which belongs in the log. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof WorkbenchError) return { code: error.code, message: error.message, ...(error.details && { details: error.details }) };
  if (error instanceof z.ZodError) return { code: 'invalid-spec', message: describeIssues(error) };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The error of a report that has crossed the boundary. */
export const restoreError = ({ code, message, details }: ErrorReport): WorkbenchError => new WorkbenchError(code, message, { details });

/** `training.epochs: Too small: expected number to be >=1; …`, or the range, if the schema of flat settings is known. */
export const describeIssues = (error: z.ZodError, settings?: z.ZodObject): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${settings ? describeIssue(issue, settings) : issue.message}`).join('; ');

/** What is wrong with one of these flat settings; of a number out of range the whole range: `must be from 0 to 0.95`. */
export function describeIssue(issue: z.core.$ZodIssue, settings: z.ZodObject): string {
  const field = settings.shape[String(issue.path[0])];
  if ((issue.code !== 'too_small' && issue.code !== 'too_big') || !field || !['number', 'int'].includes(issue.origin)) return issue.message;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(field as z.ZodType, { io: 'input' });
  // z.int() bounds every integer by ±(2⁵³ − 1), which is no range to name.
  const named = (word: string, bound: number | boolean | undefined) =>
    typeof bound !== 'number' || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? [] : [`${word} ${bound}`];
  if (minimum !== undefined && maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER) return `must be from ${minimum} to ${maximum}`;
  const bounds = [named('above', exclusiveMinimum), named('at least', minimum), named('below', exclusiveMaximum), named('at most', maximum)];
  return `must be ${bounds.flat().join(' and ')}`;
}

/** Guards what only a bug can break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
