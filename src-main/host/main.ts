/** @file Entry of the browser host: serves Credence on loopback and prints where. */
import { parseArgs } from 'node:util';
import { reportError, WorkbenchError } from '../contract/errors';
import { openWithDesktop } from './desktop';
import { onInterrupt } from './interrupt';
import { openWorkbench } from './workbench';

const usage = `Opens Credence in a browser.

  --data-dir DIR  data folder (default: CREDENCE_HOME, else the system's place)
  --port N        port on 127.0.0.1 (default: any free one)
  --open          also open the browser
  --browser       no window of Electron, even where there is one
  --help          print this`;

function readArguments() {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string' }, port: { type: 'string', default: '0' }, open: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new WorkbenchError('invalid-spec', `--port ${values.port} is not a port; give a whole number up to 65535.`);
  return { ...values, port };
}

async function main(): Promise<void> {
  const { 'data-dir': dataDir, port, open, help } = readArguments();
  if (help) return console.log(usage);
  const enter = async (url: string) => {
    if (open) await openWithDesktop(url);
  };
  try {
    const workbench = await openWorkbench({ dataDir, out: import.meta.dirname, mode: 'browser', port, openFolder: openWithDesktop });
    console.log(`Credence is at ${workbench.url}\nCtrl-C ends it.`);
    onInterrupt({
      stop() {
        const active = workbench.app.activeRuns();
        if (active > 0) console.log(`Stopping ${active} ${active === 1 ? 'run' : 'runs'} with a checkpoint … Ctrl-C again leaves at once.`);
        void workbench.close().then(() => process.exit(0), fail);
      },
      leave: () => process.exit(130),
    });
    await enter(workbench.url);
  } catch (error) {
    const running = error instanceof WorkbenchError && error.code === 'already-running' ? error.details?.['url'] : undefined;
    if (typeof running !== 'string') throw error;
    console.log(`Credence is already running at ${running}`);
    await enter(running);
  }
}

/** What the user can mend is one message; a bug shows its stack. */
function fail(error: unknown): never {
  const { code, message } = reportError(error);
  console.error(code === 'internal' && error instanceof Error ? error.stack : message);
  process.exit(1);
}

main().catch(fail);
