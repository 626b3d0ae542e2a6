/** @file What can compute here: tested in the background and remembered, so that 'auto' is the fastest device that computes truly. */
import { type DeviceKind, type DeviceReport, fastestDevice, type Hardware, isCpu } from '../contract/device';
import type { DeviceRates } from '../contract/device-rates';
import { reportError, WorkbenchError } from '../contract/errors';
import type { Emit } from '../contract/rpc';
import type { DataFolder } from '../store/data-folder';
import { readDeviceVerdicts, writeDeviceVerdicts } from '../store/device-verdicts';
import type { Logger } from '../store/log';
import { type DeviceTest, testDevice } from './device-test';
import { describeHardware } from './hardware';

export interface DeviceList {
  /** In the order of the registry. */
  list(): Promise<DeviceReport[]>;
  /** Tests all, one after the other; the progress comes by `devices.changed`. */
  test(): Promise<DeviceReport[]>;
  /** Tests only if something is not known, or the hardware has changed. */
  update(): Promise<DeviceReport[]>;
  /**
   * The backend that a job which asks for `asked` opens; 'auto' is the fastest that has passed, and the CPU until one has.
   *
   * @param before where the job has computed so far: 'auto' stays there if it can
   * @throws WorkbenchError `unsupported` if it is refused or has failed its test
   */
  choose(asked: string, before?: string): string;
  /** The same, but where that device cannot be used another one. */
  substitute(asked: string): string;
  /** What the computer calls the graphics card; null for a CPU, and for a card without a name. */
  cardOf(device: string): string | null;
  /** Of the backend that a job which asks for `asked` would open; null where it has not been tested. */
  rates(asked: string): DeviceRates | null;
  /** Not to be used again until Credence is restarted: `reason` is one clause, such as 'a training step did not end within 60 s'. */
  refuse(device: string, reason: string): void;
  close(): void;
}

export interface DeviceListOptions {
  readonly folder: DataFolder;
  /** CPU threads of a test. */
  readonly cores: number;
  readonly emit: Emit;
  readonly log: Logger;
  /** The built entry of the process that tests a device. */
  readonly entry: string;
  /** What verdicts are remembered for: 'credence 0.1.0, onnxruntime-node 1.30.0'. */
  readonly engine: string;
  /** The registry. */
  kinds(): Promise<readonly DeviceKind[]>;
  hardware?(): Promise<Hardware>;
  /** ms that the test of one device may take */
  readonly patience?: number;
}

export function openDeviceList(options: DeviceListOptions): DeviceList {
  const { folder, emit, log, cores, entry, engine, kinds, hardware: describe = describeHardware, patience = 120_000 } = options;
  const stored = readDeviceVerdicts(folder.root, engine);
  const tested = new Map(stored?.tests.map((test) => [test.id, test]));
  const refused = new Map<string, string>();
  let hardware = stored?.hardware ?? null;
  /** To be tested; the first is under way. */
  const waiting = new Set<string>();
  let current: DeviceTest | null = null;
  let testing: Promise<void> | null = null;
  let closed = false;

  const hardwareOf = ({ id }: DeviceKind) => hardware?.[isCpu(id) ? 'cpu' : 'gpu'];
  const report = (kind: DeviceKind): DeviceReport => ({
    ...kind,
    name: hardwareOf(kind)?.name ?? null,
    memory: hardwareOf(kind)?.memory ?? null,
    verdict: tested.get(kind.id)?.verdict ?? null,
    testedAt: tested.get(kind.id)?.testedAt ?? null,
    testing: waiting.has(kind.id),
    refused: refused.get(kind.id) ?? null,
  });
  const list = async () => (await kinds()).map(report);
  const announce = async () => emit('devices.changed', await list());

  async function testAll() {
    const found = await describe();
    hardware = found;
    const testable = (await kinds()).filter(({ reference }) => !reference);
    for (const { id } of testable) waiting.add(id);
    await announce();
    for (const kind of testable) {
      if (closed) return;
      current = testDevice({ entry, device: kind.id, threads: cores, patience });
      const verdict = await current.verdict;
      if (closed) return;
      tested.set(kind.id, { ...kind, verdict, testedAt: Date.now() });
      waiting.delete(kind.id);
      log.info('A device was tested', { device: kind.id, verdict });
      await announce();
    }
    await writeDeviceVerdicts(folder.root, { engine, hardware: found, tests: [...tested.values()] });
  }

  async function test() {
    testing ??= testAll().finally(() => {
      waiting.clear();
      testing = null;
    });
    await testing;
    return list();
  }

  function refusal(device: string): string | null {
    const { title = device, verdict } = tested.get(device) ?? {};
    const reason = refused.get(device);
    if (reason) return `${title} is not used again until Credence is restarted (${reason}); choose another device, or restart Credence`;
    return verdict?.outcome === 'failed' ? `${title} has failed its test: ${verdict.message}` : null;
  }

  /** What has not been tested may be tried. */
  const isUsable = (device: string): boolean => !refused.has(device) && (tested.get(device)?.verdict.outcome ?? 'passed') === 'passed';

  const fastest = () => fastestDevice([...tested.values()].map(report));

  return {
    list,
    test,
    async update() {
      const missing = (await kinds()).some(({ id, reference }) => !reference && !tested.has(id));
      const changed = missing || JSON.stringify(await describe()) !== JSON.stringify(hardware);
      return changed ? test() : list();
    },
    choose(asked, before) {
      const device = asked !== 'auto' ? asked : before !== undefined && isUsable(before) ? before : fastest();
      const message = refusal(device);
      if (message) throw new WorkbenchError('unsupported', message);
      return device;
    },
    rates(asked) {
      const verdict = tested.get(asked === 'auto' ? fastest() : asked)?.verdict;
      return verdict?.outcome === 'passed' ? verdict.rates : null;
    },
    substitute: (asked) => (asked === 'auto' || !isUsable(asked) ? fastest() : asked),
    cardOf: (device) => (isCpu(device) ? null : (hardware?.gpu?.name ?? null)),
    refuse(device, reason) {
      refused.set(device, reason);
      announce().catch((error: unknown) => log.error('A refused device could not be announced', { error: reportError(error).message }));
    },
    close() {
      closed = true;
      current?.kill();
    },
  };
}
