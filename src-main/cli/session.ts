/** @file The command line's way to Credence: the process that owns the data folder if one lives, else this process becomes it. */
import { connect, type Client } from '../host/client';
import { openWorkbench } from '../host/workbench';
import { openDataFolder, resolveDataFolder } from '../store/data-folder';
import { readOwner } from '../store/owner';

export interface Session {
  readonly client: Client;
  /** Where the window of the owner can be opened, when the owner is another process. */
  readonly owner: string | null;
  /** Disconnects, or, as the owner, stops what runs and closes the data folder. */
  close(): Promise<void>;
}

/** `out`: folder of the built main process. */
export async function openSession({ dataDir, out }: { dataDir: string | undefined; out: string }): Promise<Session> {
  const owner = await findOwner(openDataFolder(resolveDataFolder(dataDir)).lock);
  if (owner?.port && owner.token) {
    const client = await connect({ port: owner.port, token: owner.token });
    return { client, owner: owner.url, close: () => client.close() };
  }
  const workbench = await openWorkbench({ dataDir, out, mode: 'browser', port: 0 });
  // Through its own door: the command line works the same way wherever the queue is.
  const client = await connect(workbench);
  return {
    client,
    owner: null,
    async close() {
      await client.close();
      await workbench.close();
    },
  };
}

/** An owner that is just starting (or closing) has no door yet (or no more): it is given this long, ms. */
const patience = 10_000;

async function findOwner(lock: string): Promise<ReturnType<typeof readOwner>> {
  const deadline = Date.now() + patience;
  for (;;) {
    const owner = readOwner(lock);
    if (!owner || owner.port !== null || Date.now() > deadline) return owner;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
