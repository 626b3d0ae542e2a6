/** @file One run held open, so that it answers while the user draws, turns and attacks an image, and gives its weights away. */
import type { Component } from '../../contract/spec';
import { standInFor } from '../../datasets/open';
import type { Device } from '../../engine/backends/device';
import type { ProgramStore } from '../../engine/backends/program-store';
import type { Question, WorkerSetup } from '../protocol';
import { openRun, type OpenRun } from './open-run';
import { openWatchedDevice } from './watched-device';

interface Open {
  readonly key: string;
  readonly run: OpenRun;
  readonly device: Device;
}

type Asked = Pick<Extract<Question, { type: 'explore' }>, 'stored' | 'imported' | 'threads'>;

/** Answers for the run asked about last; another run takes its place. */
export class Explorer {
  #open: Promise<Open> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly setup: WorkerSetup,
    readonly programs: ProgramStore,
  ) {}

  /** One after the other: a device runs one program at a time. */
  ask<Answer>(about: Asked, question: (run: OpenRun) => Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(async () => question((await this.#opened(about)).run));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#forget();
  }

  async #forget(): Promise<void> {
    const current = await this.#open;
    this.#open = null;
    await current?.run.posterior.close();
    await current?.device.close();
  }

  async #opened(about: Asked): Promise<Open> {
    const { run, spec, draws, checkpoint, priorPrecision } = about.stored;
    const standIn = await standInFor(spec.dataset, { imported: about.imported, folder: this.setup.datasets });
    const key = [run, checkpoint.sha256, draws.length, priorPrecision, standIn?.id].join(' ');
    const current = await this.#open;
    if (current?.key === key) return current;
    await this.#forget();
    const opening = this.#openRun(key, about, standIn);
    this.#open = opening;
    opening.catch(() => (this.#open = null));
    return opening;
  }

  async #openRun(key: string, { stored, imported, threads }: Asked, standIn: Component | null): Promise<Open> {
    const device = await openWatchedDevice(stored.spec.compute.device, { threads, programs: this.programs }, this.setup);
    const { signal } = new AbortController();
    const run = await openRun(stored, { imported, device, setup: this.setup, signal, remember: true, standIn });
    return { key, run, device };
  }
}
