/** @file What follows from a fault of a device: for the device, and for the run or study that met it. */
import { isCpu } from '../contract/device';
import { type DeviceFault, faultOf } from '../contract/device-fault';
import type { ErrorReport } from '../contract/errors';
import type { JobContext } from './context';

interface Place {
  /** The device's id. */
  readonly device: string;
  readonly isolated: boolean;
}

const again = 'Resume from the last checkpoint.';
const afterRestart =
  'Resume from the last checkpoint on another device, or restart Credence, until when this one is not used; isolated runs (Settings) need no restart.';
const advice: { readonly [fault in DeviceFault]: string } = {
  hung: again,
  lost: again,
  crashed: again,
  memory: 'The last checkpoint stays: the run can also be resumed on another device, or here once other programs use less memory.',
};

/** Refuses the device where the fault stays in this process until its end, and says so; other errors are left as they are. */
export function concludeFault({ devices }: Pick<JobContext, 'devices'>, error: ErrorReport, { device, isolated }: Place): ErrorReport {
  const fault = faultOf(error);
  if (!fault) return error;
  // A process of its own has taken the fault with it. A fault on the CPU is the step's: there would be no other device left.
  const stays = (fault === 'hung' || fault === 'lost') && !isolated && !isCpu(device);
  if (stays) devices.refuse(device, fault === 'hung' ? 'a call into it did not end' : 'it was lost');
  return { ...error, message: `${error.message}. ${stays ? afterRestart : advice[fault]}` };
}
