/** @file From a procedure's name and untrusted input to a checked output. */
import { z } from 'zod';
import { describeIssues, reportError, WorkbenchError } from '../contract/errors';
import { type CallInput, type Handlers, type Output, type Procedure, procedures } from '../contract/rpc';
import { explainDatabaseError } from '../store/database';
import { describeError, type Logger } from '../store/log';

export interface Router {
  /**
   * Validates both ways. For doors through which anything may come.
   * @throws WorkbenchError `not-found` for an unknown name, `invalid-spec` for a bad input, and what the handler throws; bugs are logged with their stack
   */
  call(name: string, input: unknown): Promise<unknown>;
}

export function createRouter(handlers: Handlers, log: Pick<Logger, 'error'>): Router {
  return {
    async call(name, input) {
      try {
        if (!isProcedure(name))
          throw new WorkbenchError('not-found', `There is no procedure '${name}'; this window may belong to another version of Credence. Reload it.`);
        return await answer(handlers, name, input);
      } catch (thrown) {
        const error = explainDatabaseError(thrown);
        if (reportError(error).code === 'internal') log.error('A call failed', { procedure: name, error: describeError(error) });
        throw error;
      }
    },
  };
}

/** The same call for code that is type-checked: the command line in the owner's process. */
export const typedCall =
  ({ call }: Router) =>
  async <P extends Procedure>(name: P, input: CallInput<P>): Promise<Output<P>> =>
    (await call(name, input)) as Output<P>; // checked by the router

const isProcedure = (name: string): name is Procedure => Object.hasOwn(procedures, name);

async function answer<P extends Procedure>(handlers: Handlers, name: P, input: unknown): Promise<unknown> {
  const schemas = procedures[name];
  const checked = schemas.input.safeParse(input);
  if (!checked.success) throw new WorkbenchError('invalid-spec', `${name}: ${describeIssues(checked.error)}`);
  // One name fixes both types; TypeScript cannot follow the pair through the table.
  const handler = handlers[name] as (input: unknown) => unknown;
  try {
    return schemas.output.parse(await handler(checked.data));
  } catch (error) {
    // Behind the input check, only a bug or a damaged row can fail a schema: not the caller's fault.
    throw error instanceof z.ZodError ? new Error(`${name}: ${describeIssues(error)}`, { cause: error }) : error;
  }
}
