/** @file The application's settings: one versioned document in the database. */
import { z } from 'zod';

export const Settings = z.object({
  version: z.literal(1).default(1),
  theme: z.enum(['system', 'light', 'dark']).default('system').meta({ title: 'Theme', description: 'Follow the system, or always light or dark.' }),
  concurrentRuns: z.int().min(1).max(16).default(1).meta({ title: 'Runs at once', unit: 'runs', description: 'Further runs wait in the queue.' }),
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .meta({ title: 'CPU threads per run', unit: 'threads', description: '0 = automatic: the physical cores, shared among the runs at once.' }),
  defaultDevice: z.string().max(80).default('auto').meta({ title: 'Device', description: 'auto = the fastest that passes its self-test.' }),
  isolateRuns: z.enum(['never', 'GPU', 'always']).default('GPU').meta({
    title: 'Isolate runs',
    description:
      'Trains in a process of its own, which can crash or be ended without harm to Credence: never, on a GPU, whose driver may hang or crash, or always.',
  }),
  trashDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .meta({ title: 'Keep deleted runs', unit: 'days', description: 'A deleted run can be brought back from the trash for this long.' }),
  preventSleep: z
    .boolean()
    .default(true)
    .meta({ title: 'Stay awake while training', description: 'Keeps the computer from sleeping while a run is training (desktop app).' }),
});
export type Settings = z.infer<typeof Settings>;

const { theme, concurrentRuns, threads, defaultDevice, isolateRuns, trashDays, preventSleep } = Settings.shape;

/** Some of the settings. Without their defaults, which would otherwise be put in place of what is left out. */
export const SettingsChange = z.object({
  theme: z.exactOptional(theme.unwrap()),
  concurrentRuns: z.exactOptional(concurrentRuns.unwrap()),
  threads: z.exactOptional(threads.unwrap()),
  defaultDevice: z.exactOptional(defaultDevice.unwrap()),
  isolateRuns: z.exactOptional(isolateRuns.unwrap()),
  trashDays: z.exactOptional(trashDays.unwrap()),
  preventSleep: z.exactOptional(preventSleep.unwrap()),
});
export type SettingsChange = z.infer<typeof SettingsChange>;
