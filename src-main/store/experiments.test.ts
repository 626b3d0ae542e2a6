import { describe, expect, it } from 'vitest';
import { deleteExperiment, getExperiment, getResult, insertExperiment, listExperiments, markInterruptedExperiments, updateExperiment } from './experiments';
import { deleteImportedDataset, insertImportedDataset, listImportedDatasets } from './imported-datasets';
import { insertRun } from './runs';
import { getSettings, updateSettings } from './settings';
import { exampleSpec, openExample } from './testing';

describe('experiments', () => {
  it('keeps state and result', () => {
    const { db, run } = openExample();
    const { id } = insertExperiment(db, { kind: 'evaluate', runs: [run], settings: { draws: 10 } });
    expect(() => getResult(db, id)).toThrowError(expect.objectContaining({ code: 'not-found' }));
    updateExperiment(db, id, { status: 'succeeded', endedAt: 5, result: { error: 0.1 } });
    expect(getExperiment(db, id)).toMatchObject({ kind: 'evaluate', runs: [run], settings: { draws: 10 }, status: 'succeeded', error: null, endedAt: 5 });
    expect(getResult(db, id)).toEqual({ error: 0.1 });
    deleteExperiment(db, id);
    expect(() => getExperiment(db, id)).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });

  it('lists those over one run, and marks what a dead process left', () => {
    const { db, run } = openExample();
    const other = insertRun(db, exampleSpec, 'other').id;
    const first = insertExperiment(db, { kind: 'evaluate', runs: [run, other], settings: {} });
    const second = insertExperiment(db, { kind: 'evaluate', runs: [other], settings: {} });
    expect(listExperiments(db).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(listExperiments(db, run).map(({ id }) => id)).toEqual([first.id]);
    markInterruptedExperiments(db);
    expect(getExperiment(db, first.id).status).toBe('interrupted');
  });
});

describe('imported datasets', () => {
  it('come back as they were', () => {
    const { db } = openExample();
    const dataset = {
      kind: 'images' as const,
      id: 'my-digits',
      title: 'Mine',
      hash: 'h',
      normalisation: 'unit' as const,
      rows: { train: 6, test: 1 },
      imageShape: [2, 2] as [number, number],
      classes: ['0'],
    };
    insertImportedDataset(db, dataset);
    expect(listImportedDatasets(db)).toEqual([dataset]);
    deleteImportedDataset(db, 'my-digits');
    expect(listImportedDatasets(db)).toEqual([]);
  });
});

describe('settings', () => {
  it('have defaults and remember changes', () => {
    const { db } = openExample();
    expect(getSettings(db)).toMatchObject({ theme: 'system', concurrentRuns: 1 });
    updateSettings(db, { concurrentRuns: 2 });
    expect(updateSettings(db, { theme: 'dark' })).toMatchObject({ theme: 'dark', concurrentRuns: 2 });
    expect(() => updateSettings(db, { concurrentRuns: 0 })).toThrow('concurrentRuns');
    expect(getSettings(db).concurrentRuns).toBe(2);
  });
});
