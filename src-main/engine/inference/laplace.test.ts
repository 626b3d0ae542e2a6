/** @file Laplace approximations against exact posteriors, brute-force curvature and finite differences, all in float64. */
import { describe, expect, it } from 'vitest';
import { hostUniforms } from '../numerics/host-random';
import { atOnce } from '../numerics/interruptible';
import { priors } from '../probability/priors';
import { laplace } from './laplace';
import { positiveEigen } from './laplace-curvature';
import { mostProbablePrecision } from './laplace-evidence';
import { byLayer, every, gaussNewton, hessianOf, jacobianOf, mismatch, network, type Network } from './laplace-network-testing';
import { fit, type Fit, type Rows } from './laplace-testing';
import { conjugate, conjugateTarget } from './testing';

const conjugateRows: Rows = { x: { shape: [4, 2], values: [1, 0, 1, 1, 1, 2, 1, 3] }, y: { dtype: 'float32', shape: [4, 1], values: [0.1, 0.9, 2.1, 2.9] } };

describe('Laplace of a linear model with Gaussian noise', () => {
  // One layer, one output: the Kronecker product is exact as well. A prior counted twice, or rows not counted, shows in the first digit.
  it.each(['full', 'kfac', 'kfra'] as const)('%s is the posterior, its evidence included', (structure) => {
    const { covariance, logEvidence } = fit(conjugateTarget(), { structure }, { w: conjugate.mean }, conjugateRows);
    expect(covariance[0]![0]).toBeCloseTo(conjugate.variance[0]!, 7);
    expect(covariance[1]![1]).toBeCloseTo(conjugate.variance[1]!, 7);
    expect(covariance[0]![1]).toBeCloseTo(conjugate.covariance, 7);
    expect(Math.abs(logEvidence(1) - conjugate.logEvidence)).toBeLessThan(2e-6);
  });

  it('is mean-field with a diagonal', () => {
    const { covariance } = fit(conjugateTarget(), { structure: 'diagonal' }, { w: conjugate.mean }, conjugateRows);
    [0, 1].forEach((i) => expect(covariance[i]![i]).toBeCloseTo(conjugate.meanFieldVariance[i]!, 8));
    expect(covariance[0]![1]).toBe(0);
  });

  it('chooses the precision where the evidence is highest', () => {
    const { state, heard, logEvidence } = fit(conjugateTarget(), { structure: 'kfac', precision: 'evidence' }, { w: conjugate.mean }, conjugateRows);
    const chosen = state['mode/precision']!.data[0]!;
    expect(heard).toEqual([`Log marginal likelihood ${logEvidence(chosen).toFixed(2)} nats at ${chosen.toPrecision(3)} times the prior’s precision`]);
    for (const other of [0.98, 1.02]) expect(logEvidence(chosen)).toBeGreaterThan(logEvidence(other * chosen));
    expect(atOnce(mostProbablePrecision((precision) => -((Math.log10(precision) - 2.2) ** 2)))).toBeCloseTo(10 ** 2.2, -1);
  });
});

const dense = (units: number, activation: string) => ({ kind: 'dense', settings: { units, activation } });
const conv = { kind: 'conv2d', settings: { filters: 2, kernelHeight: 2, kernelWidth: 2, activation: 'tanh' } };

describe('the curvature', () => {
  it.each([
    ['dense layers and classes', [dense(4, 'tanh')], [3], 'classification'],
    ['noise per input', [dense(3, 'relu')], [2], 'regression'],
    ['a transposed convolution', [{ ...conv, kind: 'conv-transpose2d' }, { kind: 'flatten' }], [2, 1, 1], 'classification'],
    ['a recurrent layer', [{ kind: 'lstm', settings: { units: 1 } }], [2, 1], 'regression'],
    ['a convolution', [conv, { kind: 'flatten' }], [2, 3, 1], 'classification'],
    [
      'a convolution in one dimension',
      [{ kind: 'conv1d', settings: { filters: 2, kernelSize: 2, activation: 'tanh' } }, { kind: 'flatten' }],
      [3, 1],
      'regression',
    ],
  ] as const)('of %s is the generalised Gauss–Newton matrix, and its diagonal', (_name, layers, input, task) => {
    const net = network([...layers], [...input], 4, task);
    const hessian = gaussNewton(net);
    const full = fit(net.target, { structure: 'full', precision: 'given', precisionFactor: 3 }, net.weights, net.data);
    expect(mismatch(hessian, net, full, 3, every(net))).toBeLessThan(2e-5);
    const diagonal = fit(net.target, { structure: 'diagonal' }, net.weights, net.data);
    hessian.forEach((row, i) => expect(diagonal.covariance[i]![i]! * (row[i]! + net.prior[i]!)).toBeCloseTo(1, 5));
  });

  it.each(['kfac', 'kfra'] as const)('of one row is exact in each layer as %s, and for ReLU it is the Hessian', (structure) => {
    const net = network([dense(4, 'relu'), dense(3, 'relu')], [3], 1, 'classification');
    const blocks = byLayer(net);
    const approximation = fit(net.target, { structure, precision: 'given', precisionFactor: 0.2 }, net.weights, net.data);
    expect(mismatch(gaussNewton(net), net, approximation, 0.2, blocks)).toBeLessThan(2e-5);
    expect(mismatch(hessianOf(net, blocks), net, approximation, 0.2, blocks)).toBeLessThan(2e-4);
  });

  it('of many rows is the Hessian too, within each layer of a ReLU network', () => {
    const net = network([dense(3, 'relu')], [2], 4, 'classification');
    const blocks = byLayer(net);
    const [ours, hessian] = [gaussNewton(net), hessianOf(net, blocks)];
    for (const block of blocks) for (const i of block) for (const j of block) expect(Math.abs(ours[i]![j]! - hessian[i]![j]!), `${i}, ${j}`).toBeLessThan(1e-5);
  });

  // Over the labels that may be drawn, each by its probability, the sampled curvature adds up to the exact one.
  it('by a sampled label is the exact one on average', () => {
    const net = network([dense(3, 'tanh')], [2], 1, 'classification');
    const powers = Array.from(jacobianOf(net).outputs, Math.exp);
    const total = powers.reduce((a, b) => a + b);
    /** A label is drawn where its logit has the largest Gumbel noise, hence the largest uniform number. */
    const diagonal = (settings: object, label = 0) =>
      fit(net.target, { structure: 'diagonal', ...settings }, net.weights, net.data, () => powers.map((_, k) => (k === label ? 0.999 : 0.001))).covariance.map(
        (row, i) => 1 / row[i]! - net.prior[i]!,
      );
    const drawn = powers.map((_, label) => diagonal({ fisher: 'sampled' }, label));
    const mean = net.prior.map((_, i) => drawn.reduce((sum, own, label) => sum + (powers[label]! / total) * own[i]!, 0));
    diagonal({ fisher: 'exact' }).forEach((value, i) => expect(Math.abs(mean[i]! - value)).toBeLessThan(2e-5));
    expect(Math.abs(drawn[0]![0]! - drawn[1]![0]!)).toBeGreaterThan(1e-3);
  });

  // Where rows differ both are approximations: ‖(H + T) Σ − I‖ / √P within the layers, in the Frobenius norm.
  it('of many rows is off by 31 % as KFAC and by 39 % as KFRA, on a small network', () => {
    const net = network([dense(4, 'relu'), dense(3, 'relu')], [3], 12, 'classification');
    const hessian = gaussNewton(net);
    const [kfac, kfra] = (['kfac', 'kfra'] as const).map((structure) => {
      const { covariance } = fit(net.target, { structure }, net.weights, net.data);
      const squares = byLayer(net).flatMap((block) =>
        block.flatMap((i) =>
          block.map((j) => (block.reduce((sum, k) => sum + (hessian[i]![k]! + (i === k ? net.prior[i]! : 0)) * covariance[k]![j]!, 0) - Number(i === j)) ** 2),
        ),
      );
      return Math.sqrt(squares.reduce((a, b) => a + b) / net.total);
    }) as [number, number];
    expect(kfac).toBeCloseTo(0.311, 3);
    expect(kfra).toBeCloseTo(0.394, 3);
  });

  it('of a layer alone leaves the others at the mode', () => {
    const net = network([dense(4, 'tanh')], [3], 5, 'classification');
    const last = fit(net.target, { structure: 'full', layers: 'last' }, net.weights, net.data);
    const [hidden, output] = byLayer(net) as [number[], number[]];
    expect(hidden.every((i) => last.covariance[i]![i] === 0)).toBe(true);
    expect(mismatch(gaussNewton(net), net, last, 1, [output])).toBeLessThan(2e-5);
  });

  it('is overstated by factored damping, which shrinks every variance', () => {
    const net = network([dense(4, 'tanh')], [3], 5, 'classification');
    const [exact, factored] = (['eigenbasis', 'factored'] as const).map((damping) => fit(net.target, { structure: 'kfac', damping }, net.weights, net.data));
    exact!.covariance.forEach((row, i) => expect(factored!.covariance[i]![i]!).toBeLessThan(row[i]!));
    expect(factored!.logEvidence(1)).toBeLessThan(exact!.logEvidence(1));
  });
});

it('lifts a curvature that is not positive definite, and notes by how much', () => {
  const noted: string[] = [];
  const report = { progress: () => undefined, note: (message: string) => void noted.push(message) };
  expect([...atOnce(positiveEigen(Float64Array.of(2, 0, 0, -0.5), 2, 'dense1.kernel', report)).values].sort()).toEqual([0, 2]);
  expect(noted).toEqual([expect.stringContaining('dense1.kernel was not positive definite: eigenvalues down to -5.00e-1')]);
  atOnce(positiveEigen(Float64Array.of(2, 0, 0, -1e-7), 2, 'rounding', report));
  expect(noted).toHaveLength(1);
});

describe('the linearised prediction', () => {
  const net = network([conv, { kind: 'flatten' }, dense(3, 'tanh')], [2, 2, 1], 2, 'classification');
  const { outputs, jacobian } = jacobianOf(net);
  const fitted = (settings: object) => fit(net.target, { precision: 'given', precisionFactor: 2, ...settings }, net.weights, net.data);
  /** Jᵀ Σ J, [rows × outputs] squared. */
  const covarianceOf = ({ covariance }: Fit) => {
    const along = jacobian.map((_, i) => outputs.map((_, k) => covariance[i]!.reduce((sum, c, j) => sum + c * jacobian[j]![k]!, 0)));
    return Array.from(outputs, (_, a) => Array.from(outputs, (_, b) => jacobian.reduce((sum, row, i) => sum + row[a]! * along[i]![b]!, 0)));
  };

  it.each(['diagonal', 'kfac', 'full'] as const)('spreads the outputs by Jᵀ Σ J under %s, and draws together as apart', (structure) => {
    const approximation = fitted({ structure });
    const { noises, outputs: predicted } = approximation;
    const count = outputs.length;
    predicted(() => 0)[0].forEach((value, i) => expect(value).toBeCloseTo(outputs[i % count]!, 6));
    const columns = noises
      .slice(0, noises.length / 2)
      .flatMap((size, n) => Array.from({ length: size }, (_, k) => predicted((input, i) => Number(input === n && i === k))[0].slice(0, count)));
    const expected = covarianceOf(approximation);
    expected.forEach((row, a) =>
      row.forEach((value, b) => {
        const found = columns.reduce((sum, column) => sum + (column[a]! - outputs[a]!) * (column[b]! - outputs[b]!), 0);
        expect(Math.abs(found - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      }),
    );
    const [together, apart] = predicted((input, i) => Math.sin(1 + 3 * input + 1.7 * i));
    together.forEach((value, i) => expect(value).toBeCloseTo(apart[i]!, 9));
    expect([...together.slice(0, count)]).not.toEqual([...together.slice(count)]);
  });

  it.each(['diagonal', 'kfac', 'full'] as const)('has the probit’s variance in closed form under %s', (structure) => {
    const approximation = fitted({ structure });
    const expected = covarianceOf(approximation);
    const logits = fitted({ structure, prediction: 'probit' })
      .outputs(() => 0)[1]
      .slice(0, outputs.length);
    logits.forEach((value, i) => expect(value).toBeCloseTo(outputs[i]! / Math.sqrt(1 + (Math.PI / 8) * expected[i]![i]!), 5));
  });
});

it('probit comes near the mean softmax of the linearised outputs, which the mode’s misses', () => {
  const net = network([dense(3, 'tanh')], [2], 2, 'classification');
  const settings = { structure: 'full', precision: 'given', precisionFactor: 2 };
  const [count, classes] = [6, 3];
  const { covariance } = fit(net.target, settings, net.weights, net.data);
  const { outputs, jacobian } = jacobianOf(net);
  const softmax = (logits: ArrayLike<number>) => {
    const powers = Array.from(logits, Math.exp);
    return powers.map(
      (value, i) => value / powers.slice(classes * Math.floor(i / classes), classes * Math.floor(i / classes) + classes).reduce((a, b) => a + b),
    );
  };
  // Draws of the weights themselves, moved along the Jacobian.
  const root = cholesky(covariance);
  const uniform = hostUniforms(1, 0, 'linearised');
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const draws = 4000;
  const mean = new Float64Array(count);
  for (let s = 0; s < draws; s++) {
    const z = root.map(normal);
    const moved = root.map((row) => row.reduce((sum, value, k) => sum + value * z[k]!, 0));
    softmax(outputs.map((value, k) => value + jacobian.reduce((sum, row, p) => sum + row[k]! * moved[p]!, 0))).forEach((p, k) => (mean[k]! += p / draws));
  }
  const distance = (of: readonly number[]) => of.reduce((sum, p, k) => sum + Math.abs(p - mean[k]!), 0) / 4; // total variation, mean of two rows
  const probit = fit(net.target, { ...settings, prediction: 'probit' }, net.weights, net.data)
    .outputs(() => 0)[1]
    .slice(0, count);
  expect(distance(softmax(probit))).toBeLessThan(0.03);
  expect(distance(softmax(outputs))).toBeGreaterThan(3 * distance(softmax(probit)));
});

/** Lower triangle L of matrix = L Lᵀ. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const L = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]! - L[i]!.slice(0, j).reduce((sum, value, k) => sum + value * L[j]![k]!, 0);
      L[i]![j] = i === j ? Math.sqrt(rest) : rest / L[j]![j]!;
    }
  });
  return L;
}

describe('what cannot be approximated', () => {
  const problems = (settings: object, net: Network) => laplace.problems!(net.target, laplace.settings.parse(settings));
  const net = network([dense(40, 'relu'), dense(40, 'relu')], [30], 1, 'classification');

  it('is a network too large for the full matrix, or not made for KFRA', () => {
    expect(problems({}, net)).toEqual([]);
    expect(problems({ structure: 'full' }, net)).toEqual([expect.stringContaining('at most 2,500')]);
    expect(problems({ structure: 'full', layers: 'last' }, net)).toEqual([]);
    expect(problems({ structure: 'kfra' }, network([conv, { kind: 'flatten' }], [2, 3, 1], 1, 'classification'))).toEqual([
      expect.stringContaining('conv2d1.kernel'),
    ]);
  });

  it('is a probit of a regression', () => {
    expect(problems({ prediction: 'probit' }, net)).toEqual([]);
    expect(problems({ prediction: 'probit' }, network([dense(3, 'relu')], [2], 1, 'regression'))).toEqual([expect.stringContaining('choose linearised')]);
  });

  it('is a prior that is not Gaussian', () => {
    const target = { ...net.target, prior: { ...net.target.prior, 'dense1.bias': priors.laplace.build({ scale: 1 }) } };
    expect(laplace.problems!(target, laplace.settings.parse({}))).toEqual([expect.stringContaining('dense1.bias')]);
  });
});
