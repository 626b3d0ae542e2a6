/** @file What the user should see although they look elsewhere: toasts, some with an action such as Undo. */
import { z } from 'zod';
import { describeIssues, WorkbenchError } from '../../src-main/contract/errors';
import { call, on } from '../rpc/client';

export interface Toast {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly action?: { readonly label: string; run(): void };
}

const shownFor = 8000; // ms; errors stay until they are dismissed

export class Notices {
  toasts = $state.raw<readonly Toast[]>([]);
  /** The last thing said, for the status line. */
  last = $state('');
  #lastId = 0;

  listen(): () => void {
    const stops = [
      on('app.notice', ({ level, message }) => this.say(message, { level })),
      on('run.event', ({ event }) => {
        this.last = event.message;
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Shows a toast; returns its id. */
  say(message: string, { level = 'info', action }: Partial<Pick<Toast, 'level' | 'action'>> = {}): number {
    const id = ++this.#lastId;
    this.last = message;
    this.toasts = [...this.toasts.filter((toast) => toast.message !== message), { id, level, message, ...(action && { action }) }].slice(-4);
    if (level !== 'error') setTimeout(() => this.dismiss(id), shownFor);
    return id;
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** Shows anything thrown; what is not a WorkbenchError is a bug and goes to the local log too. */
  fail(error: unknown): void {
    this.say(messageOf(error), { level: 'error' });
    if (error instanceof WorkbenchError) return;
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    call('app.reportRendererError', { message, ...(stack && { stack }) }).catch((failure: unknown) => console.error(failure));
  }

  /** Runs an action of the user and shows its failure; resolves to undefined then. */
  async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }
}

/** One sentence for the user. */
export const messageOf = (error: unknown): string =>
  error instanceof z.ZodError ? `Credence answered in an unexpected form: ${describeIssues(error)}` : error instanceof Error ? error.message : String(error);
