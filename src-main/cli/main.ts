/** @file Entry of the command line: train, evaluate, experiment, cross-validate, import, devices, install-cuda, runs. */
import { reportError, WorkbenchError } from '../contract/errors';
import { crossValidate } from './cross-validate';
import { devices } from './devices';
import { evaluate } from './evaluate';
import { exitCodes } from './exit-codes';
import { experiment } from './experiment';
import { parseCommandLine, type CommandLine } from './flags';
import { overview } from './help';
import { importTable } from './import';
import { installCuda } from './install-cuda';
import { runs } from './runs';
import { openSession, type Session } from './session';
import { train } from './train';

const commands: Record<string, (session: Session, line: CommandLine) => Promise<number>> = {
  train,
  evaluate,
  experiment,
  'cross-validate': crossValidate,
  devices,
  import: importTable,
  'install-cuda': installCuda,
  runs,
};

async function main([name = '', ...argv]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stdout.write(overview);
    return name === '' || name === '--help' ? exitCodes.succeeded : exitCodes.misunderstood;
  }
  const line = parseCommandLine(argv, name === 'experiment' || name === 'import' ? (setting) => [setting] : undefined);
  if (name !== 'train' && line.options['help'] !== undefined) {
    process.stdout.write(overview);
    return exitCodes.succeeded;
  }
  const session = await openSession({ dataDir: line.options['data-dir'], out: import.meta.dirname });
  try {
    return await command(session, line);
  } finally {
    await session.close();
  }
}

/** What the user can mend is one message; a bug shows its stack. */
function explain(error: unknown): number {
  const { code, message } = reportError(error);
  console.error(code === 'internal' && error instanceof Error ? error.stack : message);
  return error instanceof WorkbenchError && ['invalid-spec', 'shape-mismatch', 'invalid-file', 'not-found'].includes(error.code)
    ? exitCodes.misunderstood
    : exitCodes.failed;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(explain(error)),
);
