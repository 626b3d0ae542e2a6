import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SettingsSchema } from '../../../src-main/contract/catalogue';
import type { DeviceReport } from '../../../src-main/contract/device';
import { fieldsOf } from '../../components/schema-fields';
import { deviceOptions, deviceTitle, withDevices } from './device-choice';

const rates = { gflops: 1, thinConvolutions: 1, wideConvolutions: 1, bandwidth: 1, normals: 1, operationMs: 1, overhead: 1 };
const report = (id: string, title: string, more: Partial<DeviceReport> = {}): DeviceReport => ({
  ...{ id, title, reference: false, name: null, memory: null, verdict: null, testedAt: null, testing: false, refused: null },
  ...more,
});
const passed = (rate: number) => ({ outcome: 'passed', engine: 'e', rate, rates, difference: 0 }) as const;
const cpu = report('onnxruntime-cpu', 'CPU', { verdict: passed(205.4) });
const gpu = report('onnxruntime-webgpu', 'GPU – WebGPU', { verdict: passed(12_345) });
const reports = [cpu, gpu, report('tensorflow-gpu', 'GPU – TensorFlow', { verdict: { outcome: 'absent', message: 'No card' } }), report('new', 'New')];

describe('the choice of a device', () => {
  it('tells each with its rate or its state; only what may work can be chosen', () => {
    expect(deviceOptions(reports)).toEqual([
      { value: 'auto', label: 'Auto: GPU – WebGPU' },
      { value: 'onnxruntime-cpu', label: 'CPU (205 GFLOP/s)' },
      { value: 'onnxruntime-webgpu', label: 'GPU – WebGPU (12.3 TFLOP/s)' },
      { value: 'tensorflow-gpu', label: 'GPU – TensorFlow (not available)', disabled: true },
      { value: 'new', label: 'New (not tested)' },
    ]);
  });

  it('means by auto the CPU until more is known, and not what is refused', () => {
    expect(deviceTitle('auto', [report('onnxruntime-cpu', 'CPU')])).toBe('Auto: CPU');
    expect(deviceTitle('auto', [cpu, { ...gpu, refused: 'it was lost' }])).toBe('Auto: CPU');
    expect(deviceTitle('abacus', reports)).toBe('abacus');
  });

  it('becomes the options of a field', () => {
    const schema = z.toJSONSchema(z.object({ device: z.string().default('auto'), threads: z.int() })) as SettingsSchema;
    expect(fieldsOf(withDevices(schema, 'device', [cpu])).map(({ key, kind }) => [key, kind])).toEqual([
      ['device', 'choice'],
      ['threads', 'number'],
    ]);
  });
});
