/** @file A process of its own on the Node that runs this one. */
import { type ChildProcess, fork } from 'node:child_process';

export interface NodeProcess {
  readonly child: ChildProcess;
  /** The last of what it wrote to its standard error. */
  printed(): string;
}

/** Electron's binary is a plain Node with this set; Node itself does not know it. */
export const nodeEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, ELECTRON_RUN_AS_NODE: '1' });

const kept = 2000; // characters

/** Messages go both ways as structured clones; its output would only disturb a command line's. */
export function forkNode(entry: string, args: readonly string[] = []): NodeProcess {
  const child = fork(entry, [...args], { serialization: 'advanced', execArgv: [], env: nodeEnvironment(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-kept)));
  return { child, printed: () => printed };
}
