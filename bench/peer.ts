/** @file Runs the PyTorch peer of a row where PyTorch is installed. */
import { spawnSync } from 'node:child_process';

export interface PeerTime {
  readonly name: string;
  readonly ms: number;
}

const tuned: { readonly [peer: string]: readonly string[] } = { bbp: ['bbp', 'bbp-tuned'] };

/** Best of the peer's rounds, for each formulation of the step; empty, with one line why, where PyTorch is absent. */
export function runPeer(method: string, threads: number): PeerTime[] {
  return (tuned[method] ?? [method]).flatMap((name) => {
    const result = spawnSync('/usr/bin/python3', ['bench/peer/train_step.py', name, '--threads', String(threads)], { encoding: 'utf8' });
    if (result.status !== 0) {
      console.error(`no PyTorch peer for ${name}: ${(result.stderr || String(result.error)).trim().split('\n').at(-1)}`);
      return [];
    }
    const { ms } = JSON.parse(result.stdout) as { ms: number[] };
    return [{ name: `PyTorch ${name}`, ms: ms[0]! }];
  });
}
