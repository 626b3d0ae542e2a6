/** @file Where compiled steps are kept between compilations. */

/** Bytes by key. A key is a text of any length that says everything the bytes depend on. */
export interface ProgramStore {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** In memory: the `limit` entries last used, in front of a slower store if there is one. */
export function rememberPrograms(behind?: ProgramStore, limit = 64): ProgramStore {
  const entries = new Map<string, Uint8Array>(); // in the order of their last use
  const keep = (key: string, bytes: Uint8Array) => {
    entries.delete(key);
    entries.set(key, bytes);
    if (entries.size > limit) entries.delete(entries.keys().next().value!);
  };
  return {
    async get(key) {
      const bytes = entries.get(key) ?? (await behind?.get(key));
      if (bytes) keep(key, bytes);
      return bytes;
    },
    async put(key, bytes) {
      keep(key, bytes);
      await behind?.put(key, bytes);
    },
  };
}
