/** @file The bench's rows as a table for people. */
import type { PeerTime } from './peer';
import type { Phase } from './profile';

export interface Row {
  readonly name: string;
  readonly ms: number;
  /** Below which this machine cannot go. */
  readonly floorMs: number;
  readonly peers: readonly PeerTime[];
}

/** A figure that is not a time against a floor: `value` in `unit`, with the target it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
}

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

export function printRows(rows: readonly Row[]): void {
  if (rows.length === 0) return;
  console.log(`\n${'step'.padEnd(56)}${'ms'.padStart(8)}${'floor'.padStart(8)}${'× floor'.padStart(9)}   peer`);
  for (const { name, ms, floorMs, peers } of rows) {
    const beside = peers.map((peer) => `${peer.name} ${digits(peer.ms)} ms = ${digits(peer.ms / ms)}× ours`).join(' · ');
    console.log(`${name.padEnd(56)}${digits(ms).padStart(8)}${digits(floorMs).padStart(8)}${digits(ms / floorMs).padStart(9)}   ${beside || '–'}`);
  }
}

export function printFigures(figures: readonly Figure[]): void {
  if (figures.length > 0) console.log('');
  for (const { name, value, unit, target } of figures) console.log(`${name.padEnd(50)}${digits(value).padStart(8)} ${unit.padEnd(4)} (${target})`);
}

export function printPhases(phases: readonly Phase[]): void {
  console.log(`\n${'phase'.padEnd(18)}${'ms'.padStart(8)}${'floor'.padStart(8)}`);
  for (const { name, ms, floorMs, note } of phases)
    console.log(`${name.padEnd(18)}${digits(ms).padStart(8)}${(floorMs === null ? '–' : digits(floorMs)).padStart(8)}   ${note}`);
}
