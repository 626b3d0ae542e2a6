/** @file Runs the PyTorch peer of a row where PyTorch is installed. */
import { spawnSync } from 'node:child_process';

export interface PeerTime {
  readonly name: string;
  readonly ms: number;
}

/** Best of the peer's rounds; empty, with one line why, where PyTorch is absent, or has no such device. CREDENCE_PYTHON names another Python. */
export function runPeer(name: string, threads: number, device: 'cpu' | 'cuda' = 'cpu'): PeerTime[] {
  const python = process.env['CREDENCE_PYTHON'] ?? '/usr/bin/python3';
  const result = spawnSync(python, ['bench/peer/train_step.py', name, '--threads', String(threads), '--device', device], { encoding: 'utf8' });
  if (result.status !== 0) {
    console.error(`no PyTorch peer for ${name}: ${(result.stderr || String(result.error)).trim().split('\n').at(-1)}`);
    return [];
  }
  const { ms } = JSON.parse(result.stdout) as { ms: number[] };
  return [{ name: `PyTorch ${name}`, ms: ms[0]! }];
}
