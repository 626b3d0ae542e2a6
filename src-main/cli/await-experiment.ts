/** @file Stays with an experiment to its end: progress on the terminal, Ctrl-C cancels. */
import type { Experiment } from '../contract/experiment';
import type { Client } from '../host/client';
import { onInterrupt } from '../host/interrupt';
import { exitCodes } from './exit-codes';

/** The experiment as it ended, however it ended. */
export async function awaitExperiment(client: Client, experiment: Pick<Experiment, 'id'>): Promise<Experiment> {
  const stops: (() => void)[] = [];
  const ended = await new Promise<Experiment>((resolve, reject) => {
    const look = (changed: Experiment) => {
      if (changed.id !== experiment.id) return;
      if (changed.progress && process.stderr.isTTY)
        process.stderr.write(`\r\x1b[2K${Math.floor(changed.progress.fraction * 100)} %  ${changed.progress.message}`);
      if (changed.endedAt !== null) resolve(changed);
    };
    stops.push(
      client.on('experiment.changed', look),
      onInterrupt({ stop: () => void client.call('experiments.cancel', experiment.id).catch(reject), leave: () => process.exit(exitCodes.stopped) }),
    );
    client.call('experiments.get', experiment.id).then(look, reject);
  }).finally(() => stops.forEach((stop) => stop()));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  return ended;
}
