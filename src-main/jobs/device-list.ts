/** @file What can compute here: which device a job gets, and which are refused. */
import { WorkbenchError } from '../contract/errors';
import { safeDevice } from '../contract/device';

export interface DeviceList {
  /**
   * The backend that a job which asks for `asked` opens; 'auto' is the fastest that passes.
   *
   * @throws WorkbenchError `unsupported` if it is refused
   */
  choose(asked: string): string;
  /** Not to be used again until Credence is restarted: `reason` is one clause, such as 'a training step did not end within 60 s'. */
  refuse(device: string, reason: string): void;
}

export function openDeviceList(): DeviceList {
  const refused = new Map<string, string>();
  return {
    choose(asked) {
      const device = asked === 'auto' ? safeDevice : asked;
      const reason = refused.get(device);
      if (reason)
        throw new WorkbenchError(
          'unsupported',
          `The device ${device} is not used again until Credence is restarted (${reason}); choose another device, or restart`,
        );
      return device;
    },
    refuse: (device, reason) => void refused.set(device, reason),
  };
}
