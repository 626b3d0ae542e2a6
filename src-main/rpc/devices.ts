/** @file Handlers of `devices.*`. */
import type { Handlers } from '../contract/rpc';
import type { DeviceList } from '../jobs/device-list';

type DeviceHandlers = Pick<Handlers, Extract<keyof Handlers, `devices.${string}`>>;

export const deviceHandlers = ({ devices }: { devices: DeviceList }): DeviceHandlers => ({
  'devices.list': () => devices.list(),
  'devices.test': ({ again }) => (again ? devices.test() : devices.update()),
});
