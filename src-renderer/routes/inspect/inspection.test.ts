import { expect, it } from 'vitest';
import { Evaluation } from '../../../src-main/contract/experiment';
import { RunId } from '../../../src-main/contract/ids';
import { useTransport } from '../../rpc/client';
import { Inspection } from './inspection.svelte';
import { remaining } from './remaining';

const run = RunId.parse('run-abcd');
const study = { id: 'evaluate', result: Evaluation };
const experiment = (id: string, status: string, createdAt: number, fraction = 0) => ({
  id,
  kind: 'evaluate',
  runs: [run],
  settings: { draws: 10 },
  status,
  progress: status === 'running' ? { fraction, message: 'half of the draws' } : null,
  error: null,
  createdAt,
  endedAt: null,
});
const result = {
  task: 'regression',
  dataset: 'Toy',
  rows: 4,
  draws: 10,
  rmse: 0.5,
  nll: 1,
  nllMomentMatched: 1,
  uncertainty: { mean: { total: 1, aleatoric: 1, epistemic: 0 } },
  target: { name: 'y', unit: '' },
  bands: null,
};

/** A main process that keeps its experiments in an array. */
function fakeMain(stored: ReturnType<typeof experiment>[]) {
  const calls: string[] = [];
  let emit: (event: string, payload: unknown) => void = () => {};
  useTransport({
    async call(procedure, input) {
      calls.push(procedure);
      if (procedure === 'experiments.list') return stored;
      if (procedure === 'experiments.result') return result;
      if (procedure === 'experiments.start') return experiment('exp-new1', 'queued', 9);
      if (procedure === 'experiments.delete')
        return void stored.splice(
          stored.findIndex(({ id }) => id === input),
          1,
        );
      throw new Error(`Nobody should call ${procedure}`);
    },
    onEvent: (listener) => {
      emit = listener;
      return () => {};
    },
    onConnection: (listener) => {
      listener('open');
      return () => {};
    },
  });
  return { calls, emit: (payload: unknown) => emit('experiment.changed', payload) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const throwIt = (error: unknown) => {
  throw error;
};

it('opens the newest stored result, and reopens one without asking again', async () => {
  const main = fakeMain([experiment('exp-old1', 'succeeded', 1), experiment('exp-old2', 'succeeded', 2), experiment('exp-bad1', 'failed', 3)]);
  const inspection = new Inspection(run, study, throwIt);
  inspection.listen();
  await settle();
  expect(inspection.all.map(({ id }) => id)).toEqual(['exp-bad1', 'exp-old2', 'exp-old1']);
  expect([inspection.opened?.id, inspection.result?.rows]).toEqual(['exp-old2', 4]);
  await inspection.open(inspection.all[2]!);
  await inspection.open(inspection.all[1]!);
  expect(main.calls.filter((call) => call === 'experiments.result')).toHaveLength(2);
});

it('follows the one it started to its end and then shows it', async () => {
  const main = fakeMain([]);
  const inspection = new Inspection(run, study, throwIt);
  inspection.listen();
  await settle();
  await inspection.start({ draws: 10 });
  expect(inspection.underWay?.status).toBe('queued');
  main.emit(experiment('exp-new1', 'running', 9, 0.5));
  expect(inspection.underWay?.progress?.fraction).toBe(0.5);
  main.emit({ ...experiment('exp-els1', 'running', 9), runs: ['run-other'] });
  expect(inspection.all).toHaveLength(1);
  main.emit(experiment('exp-new1', 'succeeded', 9));
  await settle();
  expect([inspection.underWay, inspection.result]).toEqual([undefined, result]);
});

it('closes a result that is deleted', async () => {
  fakeMain([experiment('exp-old1', 'succeeded', 1)]);
  const inspection = new Inspection(run, study, throwIt);
  inspection.listen();
  await settle();
  await inspection.remove(inspection.all[0]!);
  expect([inspection.all, inspection.opened, inspection.result]).toEqual([[], null, null]);
});

it('judges the time left by the mean speed, once there is one', () => {
  expect(remaining({ time: 1000, fraction: 0.1 }, { time: 5000, fraction: 0.3 })).toBeCloseTo((4 * 0.7) / 0.2, 10);
  expect(remaining({ time: 1000, fraction: 0.1 }, { time: 1500, fraction: 0.3 })).toBeNull();
  expect(remaining({ time: 1000, fraction: 0.1 }, { time: 9000, fraction: 0.1 })).toBeNull();
});
