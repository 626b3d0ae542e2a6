/** @file app://credence: the renderer's origin in Electron, answered by the same handler as the browser host. */
import { protocol } from 'electron';

export const appOrigin = 'app://credence';

/** Must run before the app is ready. */
export const registerScheme = (): void =>
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } }]);

/** Only the app's own pages reach `handler`: another origin has no way to app://, and other hosts of it do not exist. */
export const serveScheme = (handler: (request: Request) => Promise<Response>): void =>
  protocol.handle('app', async (request) => {
    const origin = request.headers.get('origin');
    const isOurs = new URL(request.url).host === 'credence' && (origin === null || origin === appOrigin);
    return isOurs ? handler(request) : new Response('This address is not part of Credence.\n', { status: 403 });
  });
