/** @file A browser host of the build over a data folder of its own, which can be killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type Client } from '../src-main/host/client';

export class Credence {
  private child: ChildProcess | null = null;
  private door = '';

  constructor(
    readonly dataDir: string,
    private readonly entry = join(import.meta.dirname, '../out/main/host.js'),
  ) {}

  /** Where a browser enters, token inside. */
  get url(): string {
    return this.door;
  }
  get origin(): string {
    return new URL(this.door).origin;
  }
  get token(): string {
    return new URL(this.door).searchParams.get('token') ?? '';
  }
  get pid(): number {
    return this.child?.pid ?? NaN;
  }
  get isAlive(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first start takes a free port; a restart the same again, so that an open page finds it. */
  async start(): Promise<void> {
    const port = this.door ? new URL(this.door).port : '0';
    const child = spawn(process.execPath, [this.entry, '--data-dir', this.dataDir, '--port', port], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: withoutDisplay(),
    });
    this.child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/\S+/.exec(line)?.[0];
      if (!url) continue;
      this.door = url;
      child.stdout.resume();
      return;
    }
    throw new Error(`The host ended with ${child.exitCode ?? 'no exit code'} before it served`);
  }

  /** A program's connection to the host. */
  connect(): Promise<Client> {
    return connect({ port: Number(new URL(this.door).port), token: this.token });
  }

  /** Kill -9. */
  kill = (): Promise<void> => this.end('SIGKILL');
  /** Ctrl-C: runs are stopped with a checkpoint. */
  stop = (): Promise<void> => this.end('SIGTERM');

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || !this.isAlive) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

/** Tests open no window of the desktop they run on. */
function withoutDisplay(): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, ...env } = process.env;
  return env;
}
