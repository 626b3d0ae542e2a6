/** @file Entry of the process that tests one device: `test-device ID THREADS` answers with a verdict. See jobs/device-test. */
import { invariant } from '../../contract/errors';
import { examineDevice } from '../../engine/training/examine-device';

const [, , id, threads] = process.argv;
invariant(id && process.send, 'jobs/worker/test-device is started by jobs/device-test only');
process.on('disconnect', () => process.exit(1)); // nobody waits for the answer
process.send(await examineDevice(id, Number(threads)));
