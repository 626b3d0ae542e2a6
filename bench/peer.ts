/** @file Runs the PyTorch peer of a row where PyTorch is installed. */
import { spawnSync } from 'node:child_process';

export interface PeerTime {
  readonly name: string;
  readonly ms: number;
}

/** Best of the peer's rounds; empty, with one line why, where PyTorch is absent. */
export function runPeer(name: string, threads: number): PeerTime[] {
  const result = spawnSync('/usr/bin/python3', ['bench/peer/train_step.py', name, '--threads', String(threads)], { encoding: 'utf8' });
  if (result.status !== 0) {
    console.error(`no PyTorch peer for ${name}: ${(result.stderr || String(result.error)).trim().split('\n').at(-1)}`);
    return [];
  }
  const { ms } = JSON.parse(result.stdout) as { ms: number[] };
  return [{ name: `PyTorch ${name}`, ms: ms[0]! }];
}
