/** @file Repository of the settings document. */
import { Settings, type SettingsChange } from '../contract/settings';
import type { ReadableDb, WritableDb } from './database';

/** The stored settings, with defaults for what was never set. */
export function getSettings(db: ReadableDb): Settings {
  const row = db.prepare<[], { document: string }>('SELECT document FROM settings').get();
  return Settings.parse(row ? JSON.parse(row.document) : {});
}

/** Changes the fields given; returns all. */
export function updateSettings(db: WritableDb, change: SettingsChange): Settings {
  const settings = Settings.parse({ ...getSettings(db), ...change });
  db.prepare('INSERT OR REPLACE INTO settings (key, document) VALUES (1, ?)').run(JSON.stringify(settings));
  return settings;
}
