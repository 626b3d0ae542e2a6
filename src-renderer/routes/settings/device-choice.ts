/** @file The devices as a form's field and in words. */
import type { SettingsSchema } from '../../../src-main/contract/catalogue';
import { type DeviceReport, fastestDevice, isUsable } from '../../../src-main/contract/device';
import { flops } from '../../components/number-format';
import type { ChoiceField } from '../../components/schema-fields';

/** `CPU`, `Auto: CPU`; the id of what is not known here. */
export function deviceTitle(id: string, reports: readonly DeviceReport[]): string {
  const title = (device: string) => reports.find((report) => report.id === device)?.title ?? device;
  return id === 'auto' ? `Auto: ${title(fastestDevice(reports))}` : title(id);
}

/** One word on what a device is worth. */
export function deviceState({ verdict, refused, reference }: DeviceReport): string {
  if (reference) return '';
  if (refused) return 'refused';
  if (!verdict) return 'not tested';
  if (verdict.outcome === 'passed') return flops(verdict.rate);
  return verdict.outcome === 'absent' ? 'not available' : 'failed its test';
}

/** Every device with its rate; what cannot be used stays in sight, but cannot be chosen. */
export function deviceOptions(reports: readonly DeviceReport[]): ChoiceField['options'] {
  const options = reports.map((report) => {
    const state = deviceState(report);
    const barred = !isUsable(report) && !report.reference && (report.refused !== null || report.verdict !== null);
    return { value: report.id, label: state ? `${report.title} (${state})` : report.title, ...(barred && { disabled: true }) };
  });
  return [{ value: 'auto', label: deviceTitle('auto', reports) }, ...options];
}

/** The schema with the devices as the options of its field `key`. */
export function withDevices(schema: SettingsSchema, key: string, reports: readonly DeviceReport[]): SettingsSchema {
  const properties = schema['properties'] as Record<string, SettingsSchema>; // z.toJSONSchema of an object
  const options = deviceOptions(reports).map((option) => ({ ...option }));
  return { ...schema, properties: { ...properties, [key]: { ...properties[key], options } } };
}
