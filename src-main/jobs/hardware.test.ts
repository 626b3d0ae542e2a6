import { describe, expect, it } from 'vitest';
import { cardTools, nvidia } from './hardware';

describe('the name of a graphics card', () => {
  it.each([
    [
      'nvidia-smi',
      nvidia,
      'NVIDIA GeForce RTX 4070, 12282, 560.94\nNVIDIA T400, 2048, 560.94\n',
      { name: 'NVIDIA GeForce RTX 4070', memory: 12282 * 2 ** 20, driver: '560.94' },
    ],
    [
      'lspci',
      cardTools.linux,
      '00:00.0 "Host bridge" "Intel Corporation" "Device 9b61" -r0c "Lenovo" "Device 5082"\n00:02.0 "VGA compatible controller" "Intel Corporation" "UHD Graphics" -r02 "Lenovo" "Device 5082"\n',
      { name: 'Intel Corporation UHD Graphics', memory: null, driver: '' },
    ],
    ['lspci without a card', cardTools.linux, '00:00.0 "Host bridge" "Intel Corporation" "Device 9b61"\n', null],
    [
      'powershell',
      cardTools.win32,
      '[{"Name":"AMD Radeon RX 7600","DriverVersion":"31.0.22017.1002"}]',
      { name: 'AMD Radeon RX 7600', memory: null, driver: '31.0.22017.1002' },
    ],
    [
      'system_profiler',
      cardTools.darwin,
      '{"SPDisplaysDataType":[{"_name":"Apple M3","sppci_model":"Apple M3"}]}',
      { name: 'Apple M3', memory: null, driver: '' },
    ],
  ])('is read from %s', (_tool, tool, output, card) => {
    expect(tool?.parse(output)).toEqual(card);
  });
});
