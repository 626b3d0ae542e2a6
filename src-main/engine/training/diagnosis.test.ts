/** @file Constructed runs on which each warning appears, and a healthy one on which none does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../backends';
import type { Device } from '../backends/device';
import { float32 } from '../numerics/host-tensor';
import { buildBayesianModel } from './bayesian-model';
import { diagnose, warningsOf } from './diagnosis';
import { Diagnostician, type Finding } from './diagnostician';
import { blobData, blobShape, blobSpec, Recorder } from './testing';
import { train } from './train';

let device: Device;
beforeAll(async () => {
  device = await openDevice('onnxruntime-cpu', { threads: 1 });
});

/** What is said of a run on the blobs, checkpoint by checkpoint. */
async function findings(method: object, training: object, units = 5): Promise<readonly Finding[]> {
  const architecture = { layers: [{ kind: 'dense', settings: { units } }, { kind: 'output' }] };
  const spec = blobSpec({
    architecture,
    method: { id: 'bbp', settings: { firstEpochDraws: 3, ...method } },
    training: { epochs: 40, batchSize: 25, ...training },
  });
  const model = buildBayesianModel(spec, blobShape);
  const diagnostician = new Diagnostician(model, Math.ceil(blobShape.rows / spec.training.batchSize) * spec.training.epochs);
  const said: Finding[] = [];
  const listener = new Recorder();
  listener.stepMetrics = (_step, values) => diagnostician.note(values);
  listener.checkpoint = async (checkpoint) => void said.push(...diagnostician.of(checkpoint));
  await train({ model, device, training: spec.training, data: blobData, from: null, control: () => 'run', listener });
  return said;
}
const warnings = (said: readonly Finding[]) => said.filter(({ level }) => level === 'warning').map(({ message }) => message);

describe('the diagnosis of a run', () => {
  it('is silent on a healthy one, and sums it up', async () => {
    const said = await findings({ learningRate: 0.05, klWeight: 0.05 }, {});
    expect(warnings(said)).toEqual([]);
    expect(said.at(-1)!.message).toMatch(/^Diagnosis: KL is \d+ %.*\d+ of 27 weights are determined.*signal-to-noise.*dense1\.kernel 0\.\d+ \(\d+ %/);
  });

  it('warns of σ that has collapsed', async () => {
    const said = warnings(await findings({ learningRate: 0.01, initialRhoLow: -9, initialRhoHigh: -9, klWeight: 0.05 }, {}));
    expect(said[0]).toMatch(/σ of dense1\.kernel has collapsed.*larger initial ρ/);
  });

  it('warns of a posterior that is the prior, and of a KL that outweighs the data', async () => {
    const stuck = warnings(await findings({ learningRate: 0.1, rateSchedule: 'cosine', klWeight: 100 }, { epochs: 60 }));
    expect(stuck.join()).toMatch(/dense1\.kernel has learnt nothing.*MOPED/);
    const wide = warnings(await findings({ learningRate: 1e-4, firstEpochDraws: 1, draws: 1 }, { epochs: 2 }, 300));
    expect(wide[0]).toMatch(
      /^The KL term is 9\d % of the objective \(more than 90 %\), and the fit is hardly better than guessing.*fewer weights or more rows/,
    );
  });

  it('warns of weights that the data have not determined', async () => {
    const prior = Math.log(Math.expm1(1)); // σ as wide as the prior's, means elsewhere, and no time to learn
    const said = warnings(await findings({ learningRate: 1e-6, initialRhoLow: prior, initialRhoHigh: prior, initialRange: 3 }, { epochs: 2 }));
    expect(said.join('\n')).toMatch(/^The data determine 0\S* of 27 weights, fewer than the 2 outputs of the network.*Train longer/m);
  });

  it('warns of a gradient that is nearly all noise', async () => {
    const noisy = { learningRate: 1e-5, draws: 1, firstEpochDraws: 1, initialRhoLow: 1.5, initialRhoHigh: 1.5 };
    const said = warnings(await findings(noisy, { epochs: 20, batchSize: 5 }, 300));
    expect(said.join('\n')).toMatch(/^The gradient is nearly all noise \(signal-to-noise 0\S*, less than 0.2\).*local reparametrisation/m);
  });
});

describe('its thresholds', () => {
  const target = buildBayesianModel(blobSpec({ method: { id: 'bbp' } }), blobShape);
  const many = 1e6; // steps, after which Adam's memory needs no correction
  const state = (rho: number, first: number, second = 1, model = target) =>
    Object.fromEntries(
      model.target.parameters.flatMap(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const filled = (value: number) => float32(shape, new Float32Array(size).fill(value));
        return [
          [`mean/${name}`, filled(0.7)],
          [`rho/${name}`, filled(rho)],
          [`optimiser/first/mean/${name}`, filled(first)],
          [`optimiser/second/mean/${name}`, filled(second)],
        ];
      }),
    );

  it('know that Adam’s memory starts at 0', () => {
    // Two steps with the gradients g and −g: m = .1 (−g + .9 g) = −.01 g, v = .001 (1 + .999) g². Corrected, m²/v = (.01/.19)²: less than noise alone.
    const signal = (first: number) => diagnose(target, state(0, first, 0.001999), { nll: 1, objective: 1 }, 2)!.gradientSignal;
    expect(signal(-0.01)).toBe(0);
    // The gradients g and .79 g: m²/v = (.169/.19)² = .791, and noise alone would have (.1/1.9) (1.81/.19) = .501.
    expect(signal(0.169)).toBeCloseTo(Math.sqrt((0.791166 - 0.501385) / (1 - 0.791166)), 3);
  });

  it('count what they say they count', () => {
    // σ = .5 under N(0, 1): KL ½ (.25 + .49 − 1 + log 4) per weight, effective ¾ of each. m²/v = .36: SNR² = (.36 − .0526)/.64.
    const { klShare, determined, gradientSignal, weights } = diagnose(target, state(Math.log(Math.expm1(0.5)), 0.6), { nll: 1, objective: 3 }, many)!;
    expect(klShare).toBeCloseTo(2 / 3, 12);
    const kernel = weights.find(({ name }) => name === 'dense1.kernel')!;
    expect(kernel.medianSd).toBeCloseTo(0.5, 5);
    expect(kernel.klPerWeight).toBeCloseTo(0.5 * (0.74 - 1 + Math.log(4)), 5);
    expect(kernel.effective).toBeCloseTo(7.5, 4);
    // A prior around trained weights of 0.5 leaves (0.7 − 0.5)² of 0.7².
    const around = { ...state(Math.log(Math.expm1(0.5)), 0.6), 'centre/dense1.kernel': float32([2, 5], new Float32Array(10).fill(0.5)) };
    expect(diagnose(target, around, { nll: 1, objective: 3 }, many)!.weights.find(({ name }) => name === 'dense1.kernel')!.klPerWeight).toBeCloseTo(
      0.5 * (0.29 - 1 + Math.log(4)),
      5,
    );
    expect(determined).toMatchObject({ of: 27, outputs: 2 });
    expect(determined!.effective).toBeCloseTo(0.75 * 27, 4);
    expect(gradientSignal).toBeCloseTo(Math.sqrt((0.36 - 1 / 19) / 0.64), 4);
  });

  it('are for every prior with a width, and for none that plays no part', () => {
    const under = (method: string, prior: object) => buildBayesianModel(blobSpec({ method: { id: method }, prior: prior as never }), blobShape);
    const ids = (model: ReturnType<typeof under>, rho: number) =>
      warningsOf(diagnose(model, state(rho, 0.6, 1, model), { nll: 0.1, objective: 0.2 }, many)!, 1).map(({ id }) => id);
    // Laplace(1): 68 % within ±1.15. Catches the scale, or √2 of it, for the width: σ = 0.0105 is less than 1 % of 1.15, but not of 1.
    const laplace = under('bbp', { id: 'laplace', settings: { scale: 1 } });
    expect(ids(laplace, Math.log(Math.expm1(0.0105)))).toContain('collapsed dense1.kernel');
    expect(ids(laplace, 0)).toEqual([]);
    // The Gaussian nearest to Laplace(20) has σ = 20 √(π/2), and the means of 0.7 are next to nothing.
    expect(ids(under('bbp', { id: 'laplace', settings: { scale: 20 } }), 20 * Math.sqrt(Math.PI / 2))).toContain('prior dense1.kernel');
    expect(ids(under('bbp', { id: 'horseshoe' }), -20)).not.toContain('collapsed dense1.kernel');
    expect(ids(under('variational-dropout', { id: 'gaussian', settings: { sd: 1 } }), -20)).toEqual([]);
  });

  it('say nothing in the first half, and of noise only while the fit is poor', () => {
    const noisy = (nll: number) => diagnose(target, state(-1, Math.sqrt(1 / 19)), { nll, objective: nll + 0.1 }, many)!;
    expect(warningsOf(noisy(0.69), 0.6).map(({ id }) => id)).toEqual(['gradient']);
    expect(warningsOf(noisy(0.69), 0.4)).toEqual([]);
    expect(warningsOf(noisy(0.1), 0.6)).toEqual([]);
    const good = diagnose(target, state(-1, 0.6), { nll: 0.165, objective: 3.18 }, many)!; // as the reference's run on MNIST, per image
    expect(warningsOf(good, 1)).toEqual([]);
  });
});
