/** @file What the browser host may ask of the desktop, where there is one: open an address or a folder. */
import { spawn } from 'node:child_process';

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer', linux: 'xdg-open' };

/** Opens `target` (a URL or a folder) with the program the desktop has for it; false where there is no desktop. */
export async function openWithDesktop(target: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const opener = openers[process.platform];
  if (!opener || (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'])) return false;
  const child = spawn(opener, [target], { detached: true, stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false)); // there is no such program
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
