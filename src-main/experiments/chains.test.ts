import { describe, expect, it } from 'vitest';
import { ChainDiagnosis } from '../contract/chains';
import type { Chains } from '../engine/training/chain-draws';
import { float32 } from '../engine/numerics/host-tensor';
import { hostUniforms } from '../engine/numerics/host-random';
import { chains } from './chains';
import { contextOf, pictures, twoClasses } from './testing';

const dataset = pictures([0, 0, 255, 255, 9, 9], [0, 1, 0]);

/** Chains whose draws have two weights and, for each row, two logits; `at(chain, t, z)` gives weight and logit difference, z ~ N(0, 1). */
function simulated(count: number, draws: number, at: (chain: number, t: number, z: () => number) => { weight: number; logit: number }, heat = 1): Chains {
  const uniform = hostUniforms(1, 0, 'simulated');
  const z = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    count: count * draws,
    temperature: 1,
    async visit(_x, rows, _train, receive) {
      for (let member = 0; member < count; member++)
        for (let t = 0; t < draws; t++) {
          const { weight, logit } = at(member, t, z);
          const shift = 100 * z(); // common to the classes of a row: no prediction
          receive({
            step: 10 * (t + 1),
            member,
            weights: { 'dense1.kernel': float32([2], Float32Array.of(weight, 0.5 * weight)) },
            outputs: Float32Array.from({ length: 2 * rows }, (_, i) => shift + (i % 2 ? logit : -logit)),
            temperature: heat + 0.05 * z(),
          });
        }
    },
  };
}

const diagnose = async (of: Chains, settings: object = {}) => {
  const context = contextOf(
    dataset,
    twoClasses(() => 0.5),
  );
  const result = await chains.run({ ...context, runs: context.runs.map((run) => ({ ...run, chains: of })) }, chains.settings.parse({ rows: 2, ...settings }));
  return ChainDiagnosis.parse(JSON.parse(JSON.stringify(result))).runs[0]!; // as it is stored
};
const mixed = (_chain: number, _t: number, z: () => number) => ({ weight: z(), logit: z() });

describe('the diagnosis of chains', () => {
  it('has nothing to say against independent draws, and centres logits', async () => {
    const { predictions, weights, advice, tooFew, temperature } = await diagnose(simulated(4, 400, mixed));
    expect([tooFew, predictions.quantities, weights.quantities]).toEqual([null, 4, 2]);
    expect(predictions.agreement!.rhat.worst).toBeLessThan(1.01);
    expect(predictions.agreement!.bulkEss.worst).toBeGreaterThan(400);
    expect(predictions.example.traces[0]!.every((value) => Math.abs(value) < 10)).toBe(true); // the common shift of sd 100 is gone
    expect(temperature.standardError).toBeCloseTo(0.05 / Math.sqrt(1600), 3);
    expect(advice).toEqual([{ severity: 'fine', text: 'Nothing speaks against these chains.' }]);
  });

  it('warns of chains that disagree about predictions, and shows the worst', async () => {
    const { predictions, advice } = await diagnose(simulated(4, 100, (chain, _t, z) => ({ weight: z(), logit: z() + chain })));
    expect(predictions.agreement!.rhat.worst).toBeGreaterThan(1.2);
    expect(predictions.example.rhat).toBe(predictions.agreement!.rhat.worst);
    expect(predictions.example).toMatchObject({ steps: expect.arrayContaining([10, 1000]), name: expect.stringContaining('test row') });
    expect(predictions.example.autocorrelation[0]).toHaveLength(41);
    expect(advice[0]).toMatchObject({ severity: 'warning', text: expect.stringContaining('do not agree about predictions') });
  });

  it('says that weights alone may differ', async () => {
    const { advice } = await diagnose(simulated(4, 150, (chain, _t, z) => ({ weight: z() + 5 * chain, logit: z() })));
    expect(advice).toEqual([{ severity: 'note', text: expect.stringContaining('differ in their weights but agree') }]);
  });

  it('warns of a step that heats, and of draws that are worth few', async () => {
    expect((await diagnose(simulated(4, 150, mixed, 1.5))).advice[0]).toMatchObject({
      severity: 'warning',
      text: expect.stringContaining('Halve the step size'),
    });
    let value = 0;
    const slow = simulated(4, 150, (_chain, _t, z) => ({ weight: z(), logit: (value = 0.9 * value + z()) }));
    expect((await diagnose(slow)).advice.map(({ text }) => text).join()).toContain('independent ones');
  });

  it('does not compute what too few draws cannot say', async () => {
    const { predictions, tooFew, advice } = await diagnose(simulated(1, 100, mixed));
    expect(tooFew).toContain('at least 2 chains of 100 draws, and this run kept 1 of 100');
    expect([predictions.agreement, predictions.example.rhat]).toEqual([null, null]);
    expect(predictions.example.traces).toHaveLength(1);
    expect(advice[0]!.severity).toBe('note');
    expect((await diagnose(simulated(2, 99, mixed))).tooFew).toContain('kept 2 of 99');
    expect((await diagnose(simulated(2, 100, mixed))).tooFew).toBeNull();
  });

  it('refuses a run without chains', async () => {
    const context = contextOf(
      dataset,
      twoClasses(() => 0.5),
    );
    await expect(chains.run(context, chains.settings.parse({}))).rejects.toThrow('choose a run of a sampler');
  });
});
