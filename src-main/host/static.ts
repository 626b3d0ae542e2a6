/** @file The built renderer as Web responses: one handler and one policy for the loopback host and Electron's app:// alike. */
import { open } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';

/** Only what Credence ships itself runs; nothing is loaded from or sent to another origin. Inline style attributes are Svelte's `style=`. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** A one-sentence answer in plain text, under the same policy as everything else. */
export const sentence = (status: number, message: string): Response =>
  new Response(`${message}\n`, { status, headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' } });

/** A readable file as response body; the stream closes the file. `null` if there is no such file. */
export async function fileResponse(path: string, headers: Record<string, string>): Promise<Response | null> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (!file) return null;
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    return null;
  }
  const body = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
  return new Response(body, { headers: { ...securityHeaders, 'content-length': String(stat.size), ...headers } });
}

/**
 * Serves `root`, the folder of the built renderer. Hashed assets are cached for good, index.html never.
 * Paths that leave the folder do not exist.
 */
export async function serveStatic(root: string, pathname: string): Promise<Response> {
  const relative = decodedPath(pathname);
  const path = relative === null ? null : normalize(join(root, relative === '/' ? 'index.html' : relative));
  const missing = () => sentence(404, `There is no ${pathname} in Credence; the application starts at /.`);
  if (path === null || !path.startsWith(root + sep)) return missing();
  const type = mediaTypes[extname(path)];
  if (!type) return missing();
  const cache = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  return (await fileResponse(path, { 'content-type': type, 'cache-control': cache })) ?? missing();
}

function decodedPath(pathname: string): string | null {
  try {
    const path = decodeURIComponent(pathname);
    return path.includes('\0') ? null : path;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
