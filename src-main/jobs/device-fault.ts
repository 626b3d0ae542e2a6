/** @file What follows from a fault of a device: for the device, and for the run or study that met it. */
import { isCpu } from '../contract/device';
import { type DeviceFault, faultOf } from '../contract/device-fault';
import { reportError, WorkbenchError } from '../contract/errors';
import type { JobContext } from './context';

interface Place {
  /** The device's id. */
  readonly device: string;
  readonly isolated: boolean;
  /** What the user can do: 'The run can be resumed'. */
  readonly offer: string;
}

const advice: { readonly [fault in DeviceFault]: string } = {
  hung: '',
  lost: '',
  crashed: '',
  memory: ' on another device, or here once other programs use less memory',
};
const elsewhere = ' on another device; this one is not used again until Credence is restarted. Isolated runs (Settings) need no restart';

/** Refuses the device where the fault stays in this process until its end, and says so; other errors are returned as they are. */
export function concludeFault({ devices }: Pick<JobContext, 'devices'>, error: unknown, { device, isolated, offer }: Place): unknown {
  const { code, message, details } = reportError(error);
  const fault = faultOf({ details });
  if (!fault) return error;
  // A process of its own has taken the fault with it, unless it is stuck in its driver. A fault on the CPU is the step's: there would be no other device left.
  const stays = (fault === 'hung' || fault === 'lost') && (!isolated || details?.['stuck'] === true) && !isCpu(device);
  if (stays) devices.refuse(device, fault === 'hung' ? 'a call into it did not end' : 'it was lost');
  return new WorkbenchError(code, `${message}. ${offer}${stays ? elsewhere : advice[fault]}.`, { details, cause: error });
}
