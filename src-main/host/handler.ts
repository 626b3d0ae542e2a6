/** @file What Credence answers to a request, whatever carries it: HTTP on loopback or Electron's app:// protocol. */
import { reportError, WorkbenchError } from '../contract/errors';
import { securityHeaders, sentence, serveStatic } from './static';
import { sendUpload, storeUpload, uploadLimit } from './uploads';

export interface HandlerPlaces {
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** Folder of uploaded files. */
  readonly uploads: string;
}

export type RequestHandler = (request: Request) => Promise<Response>;

/** `POST /files` → `{ file }`; `GET /files/:id?name=…`; everything else is the renderer. The carrier has checked who asks. */
export const createHandler =
  ({ renderer, uploads }: HandlerPlaces): RequestHandler =>
  async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/files' && request.method === 'POST') return receive(uploads, request);
    if (request.method !== 'GET' && request.method !== 'HEAD') return sentence(405, `${request.method} ${pathname} is not something Credence answers.`);
    const id = /^\/files\/([^/]+)$/.exec(pathname)?.[1];
    if (id !== undefined) return (await sendUpload(uploads, id, searchParams.get('name') ?? id)) ?? sentence(404, `There is no file ${id}.`);
    return serveStatic(renderer, pathname);
  };

async function receive(folder: string, request: Request): Promise<Response> {
  try {
    if (Number(request.headers.get('content-length') ?? 0) > uploadLimit)
      throw new WorkbenchError('invalid-file', `The file is larger than ${uploadLimit / 2 ** 20} MiB, the largest that can be imported.`);
    if (!request.body) throw new WorkbenchError('invalid-file', 'The file is empty.');
    return json(201, { file: await storeUpload(folder, request.body) });
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return json(error.code === 'disk-full' ? 507 : 413, { error: reportError(error) });
  }
}

const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...securityHeaders, 'content-type': 'application/json' } });
