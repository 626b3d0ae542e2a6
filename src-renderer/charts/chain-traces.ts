/** @file One quantity along several chains: those that have mixed cannot be told apart. */
import { defineChart } from './define-chart';
import type { Role } from './palette';

export interface ChainTraces {
  /** What is followed. */
  readonly quantity: string;
  readonly steps: readonly number[];
  /** [chains][draws] */
  readonly traces: readonly (readonly number[])[];
}

export const chainRole = (chain: number): Role => `series-${((chain % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7}`;
export const chainName = (chains: number, chain: number): string => (chains > 1 ? `chain ${chain + 1}` : 'the chain');

export const chainTraces = defineChart<ChainTraces>({
  id: 'chain-traces',
  title: 'Traces',
  figure: ({ quantity, steps, traces }) => ({
    x: { label: 'Step', whole: true },
    y: { label: quantity },
    names: 'top',
    marks: traces.map((y, chain) => ({ type: 'line', role: chainRole(chain), name: chainName(traces.length, chain), x: steps, y })),
  }),
  table: ({ steps, traces }) => ({ step: steps, ...Object.fromEntries(traces.map((y, chain) => [chainName(traces.length, chain), y])) }),
});
