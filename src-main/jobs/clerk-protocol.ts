/**
 * @file What the clerk does, and the messages to and from it. The clerk is a thread that reads the database and long files while the main
 * thread stays free; it never writes to the database, and knows nothing of networks.
 */
import { z } from 'zod';
import { ErrorReport } from '../contract/errors';
import { RunId } from '../contract/ids';
import { Artifact, MetricChunk, MetricScope } from '../contract/run';
import { Events, Results, RunDocument } from './archived-run';

export const Errand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('readMetrics'), run: RunId, scope: MetricScope, afterStep: z.int(), maxRows: z.int() }),
  /** Writes a run as a .credence file; `app`: the version that says it did. */
  z.object({ type: z.literal('packRun'), run: RunId, path: z.string(), app: z.string() }),
  /** Reads a .credence file, and writes its weights to the artifacts of `run`; nothing of them is left if it fails. `title`: what the user calls the file. */
  z.object({ type: z.literal('unpackRun'), run: RunId, path: z.string(), title: z.string() }),
]);
export type Errand = z.infer<typeof Errand>;

/** What comes of each errand. */
export const accounts = {
  readMetrics: MetricChunk,
  packRun: z.int(), // bytes written
  unpackRun: z.object({ events: Events, results: Results, files: z.array(Artifact) }),
} satisfies Record<Errand['type'], z.ZodType>;
export type Account<T extends Errand['type']> = z.output<(typeof accounts)[T]>;

/** What is handed over while an archive is read: its document first, then its metrics in order. */
export const Portion = z.discriminatedUnion('type', [
  z.object({ type: z.literal('document'), document: RunDocument }),
  z.object({ type: z.literal('metrics'), scope: MetricScope, chunk: MetricChunk }),
]);
export type Portion = z.infer<typeof Portion>;

export interface Watch {
  readonly signal?: AbortSignal;
  /** fraction in [0, 1] */
  readonly report?: (fraction: number) => void;
  /** The next portion comes when this one has been taken. */
  readonly take?: (portion: Portion) => Promise<void> | void;
}

export interface Clerk {
  /** @throws WorkbenchError `cancelled`, and what the errand's own functions throw */
  run<T extends Errand['type']>(errand: Extract<Errand, { type: T }>, watch?: Watch): Promise<Account<T>>;
  close(): Promise<void>;
}

export const ToClerk = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), id: z.int(), errand: Errand }),
  z.object({ type: z.literal('taken'), id: z.int() }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
  z.object({ type: z.literal('close') }),
]);
export type ToClerk = z.infer<typeof ToClerk>;

export const FromClerk = z.discriminatedUnion('type', [
  z.object({ type: z.literal('report'), id: z.int(), fraction: z.number() }),
  z.object({ type: z.literal('portion'), id: z.int(), portion: Portion }),
  z.object({ type: z.literal('done'), id: z.int(), account: z.unknown() }), // checked by `accounts`
  z.object({ type: z.literal('failed'), id: z.int(), error: ErrorReport }),
]);
export type FromClerk = z.infer<typeof FromClerk>;

/** Where things lie on this machine (workerData). */
export const ClerkSetup = z.object({ database: z.string(), artifacts: z.string() });
