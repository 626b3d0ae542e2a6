/** @file The test of one device in a process of its own: a driver that crashes or hangs there harms nothing else. */
import { DeviceVerdict, isCpu } from '../contract/device';
import { forkNode } from './node-process';

export interface DeviceTest {
  readonly verdict: Promise<DeviceVerdict>;
  /** Ends it at once; the verdict is then of no use. */
  kill(): void;
}

export interface DeviceTestOptions {
  /** The built entry of the process. */
  readonly entry: string;
  readonly device: string;
  /** CPU threads. */
  readonly threads: number;
  /** ms that it may take */
  readonly patience: number;
}

export function testDevice({ entry, device, threads, patience }: DeviceTestOptions): DeviceTest {
  const { child, printed } = forkNode(entry, [device, String(threads)]);
  const verdict = new Promise<DeviceVerdict>((resolve) => {
    const fail = (what: string) => resolve({ outcome: 'failed', message: `${what}. ${adviceFor(device)}` });
    const overdue = setTimeout(() => {
      fail(`Its test did not end within ${patience / 1000} s`);
      child.kill('SIGKILL');
    }, patience);
    child.on('message', (message) => {
      const parsed = DeviceVerdict.safeParse(message);
      if (parsed.success) resolve(parsed.data);
      else fail('Its test answered with something that is no result');
      child.kill('SIGKILL'); // it has nothing more to say, and its driver may not end by itself
    });
    child.on('error', (error) => fail(`Its test could not be started (${error.message})`));
    child.on('close', (code, signal) => {
      clearTimeout(overdue);
      const lines = printed().trim().split('\n');
      const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1);
      fail(`Its test ${signal ? `crashed (${signal})` : `ended with exit code ${code}`}${last ? `: ${last.slice(0, 200)}` : ''}`); // no effect after an answer
    });
  });
  return { verdict, kill: () => void child.kill('SIGKILL') };
}

const adviceFor = (device: string): string =>
  isCpu(device)
    ? 'Install Credence anew, then test again; until then choose another device'
    : 'Update the graphics card’s driver, then test again; until then choose another device';
