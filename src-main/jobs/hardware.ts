/** @file What this computer calls its processor and its graphics card, as its own tools say. */
import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { z } from 'zod';
import type { Hardware } from '../contract/device';

type Card = Hardware['gpu'];

export interface CardTool {
  readonly command: string;
  readonly args: readonly string[];
  /** The first card of the tool's output; null if there is none. */
  parse(output: string): Card;
}

const mebibyte = 2 ** 20;

export const nvidia: CardTool = {
  command: 'nvidia-smi',
  args: ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'],
  parse(output) {
    const [name, memory, driver] = (output.trim().split('\n')[0] ?? '').split(', ');
    return name && driver ? { name, memory: Number(memory) * mebibyte || null, driver } : null;
  },
};

const Windows = z.object({ Name: z.string(), DriverVersion: z.string().nullable() });
const Mac = z.object({ SPDisplaysDataType: z.array(z.object({ sppci_model: z.string() })) });

/** By platform; NVIDIA's own tool is asked before them. */
export const cardTools: { readonly [platform in NodeJS.Platform]?: CardTool } = {
  linux: {
    command: 'lspci',
    args: ['-mm'],
    parse(output) {
      const card = output.split('\n').find((line) => /"(VGA compatible|3D|Display) controller"/.test(line));
      const [, vendor, device] = card ? [...card.matchAll(/"([^"]*)"/g)].map(([, text]) => text) : [];
      return vendor && device ? { name: `${vendor} ${device}`, memory: null, driver: '' } : null;
    },
  },
  win32: {
    command: 'powershell',
    args: ['-NoProfile', '-Command', 'ConvertTo-Json @(Get-CimInstance Win32_VideoController | Select-Object Name, DriverVersion)'],
    parse(output) {
      const [card] = z.array(Windows).parse(JSON.parse(output));
      return card ? { name: card.Name, memory: null, driver: card.DriverVersion ?? '' } : null;
    },
  },
  darwin: {
    command: 'system_profiler',
    args: ['-json', 'SPDisplaysDataType'],
    parse(output) {
      const [card] = Mac.parse(JSON.parse(output)).SPDisplaysDataType;
      return card ? { name: card.sppci_model, memory: null, driver: '' } : null;
    },
  },
};

const patience = 10_000; // ms; PowerShell takes seconds to start

/** Null where the tool is not installed, fails, or says nothing that can be read: then the card has no name. */
const ask = ({ command, args, parse }: CardTool): Promise<Card> =>
  new Promise((resolve) => {
    execFile(command, args, { timeout: patience, windowsHide: true }, (error, output) => {
      try {
        resolve(error ? null : parse(output));
      } catch {
        resolve(null);
      }
    });
  });

export async function describeHardware(platform: NodeJS.Platform = process.platform): Promise<Hardware> {
  const tool = cardTools[platform];
  return {
    cpu: { name: cpus()[0]?.model.trim() || 'unknown processor', memory: totalmem() },
    gpu: (await ask(nvidia)) ?? (tool ? await ask(tool) : null),
  };
}
