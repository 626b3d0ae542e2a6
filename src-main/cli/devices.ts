/** @file `devices`: what can compute here, how fast, and how truly; untested devices are tested first. */
import { type DeviceReport, isUsable } from '../contract/device';
import { exitCodes } from './exit-codes';
import type { CommandLine } from './flags';
import type { Session } from './session';
import { formatTable } from './table';

export async function devices({ client }: Session, { options }: CommandLine): Promise<number> {
  const stop = client.on('devices.changed', (reports) => {
    const current = reports.find(({ testing }) => testing);
    if (current) console.error(`Testing ${current.title} …`);
  });
  const reports = await client.call('devices.test', { again: options['again'] !== undefined });
  stop();
  console.log(options['json'] === undefined ? formatDevices(reports) : JSON.stringify(reports, null, 2));
  return exitCodes.succeeded;
}

export function formatDevices(reports: readonly DeviceReport[]): string {
  const usable = reports.filter(isUsable);
  const rows = usable.map(({ id, title, name, memory, verdict }) => [
    ...[id, title, name ?? 'unnamed', memory ? `${(memory / 2 ** 30).toFixed(1)} GiB` : '–'],
    ...(verdict?.outcome === 'passed' ? [`${verdict.rate.toFixed(0)} GFLOP/s`, `passed, within ${verdict.difference.toExponential(0)}`] : []),
  ]);
  const others = reports.filter((report) => !isUsable(report)).map((report) => `${report.id} (${report.title}): ${explain(report)}`);
  return [formatTable([['device', 'title', 'hardware', 'memory', 'matrix products', 'self-test'], ...rows]), ...(others.length ? ['', ...others] : [])].join(
    '\n',
  );
}

function explain({ reference, refused, verdict }: DeviceReport): string {
  if (reference) return 'the slow reference that the others are compared with.';
  if (refused) return `not used again until Credence is restarted (${refused}).`;
  return verdict?.outcome === 'passed' || !verdict ? 'not tested yet.' : `${verdict.message}.`;
}
