import { expect, it } from 'vitest';
import type { DeviceReport } from '../contract/device';
import { formatDevices } from './devices';

const rates = { gflops: 205, thinConvolutions: 1, wideConvolutions: 1, bandwidth: 1, normals: 1, operationMs: 1, overhead: 1 };
const report = (id: string, title: string, more: Partial<DeviceReport>): DeviceReport => ({
  ...{ id, title, reference: false, name: null, memory: null, verdict: null, testedAt: null, testing: false, refused: null },
  ...more,
});
const passed = { outcome: 'passed', engine: 'onnxruntime-cpu 1.30.0', rate: 205.3, rates, difference: 5.7e-8 } as const;

it('prints what can be used as a table, and of the rest why not', () => {
  expect(
    formatDevices([
      report('onnxruntime-cpu', 'CPU', { name: 'A processor', memory: 2 ** 33, verdict: passed }),
      report('onnxruntime-webgpu', 'GPU – WebGPU', { verdict: { outcome: 'absent', message: 'No GPU answers' } }),
      report('tensorflow-gpu', 'GPU – TensorFlow', { verdict: passed, refused: 'it was lost' }),
      report('tfjs-cpu', 'CPU – TensorFlow.js', { reference: true }),
    ]),
  ).toBe(
    [
      'device           title  hardware     memory   matrix products  self-test',
      'onnxruntime-cpu  CPU    A processor  8.0 GiB  205 GFLOP/s      passed, within 6e-8',
      '',
      'onnxruntime-webgpu (GPU – WebGPU): No GPU answers.',
      'tensorflow-gpu (GPU – TensorFlow): not used again until Credence is restarted (it was lost).',
      'tfjs-cpu (CPU – TensorFlow.js): the slow reference that the others are compared with.',
    ].join('\n'),
  );
});
