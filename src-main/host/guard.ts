/** @file Who may talk to the loopback port: only a page of this host or a program that knows the token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Gate {
  readonly port: number;
  readonly token: string;
}

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

/** Cookies are shared by all ports of a host name, hence the port in the name. */
const cookieName = (port: number): string => `credence-${port}`;

/** Strict: no other site's request carries it; HttpOnly: no script reads it. */
export const cookieOf = ({ port, token }: Gate): string => `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;

/** Constant-time comparison. */
export const isToken = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Checks Host (a name that an attacker's DNS points at 127.0.0.1 is refused) and Origin
 * (another page's request is refused). Programs send no Origin.
 */
export function refuseStranger({ host, origin }: IncomingHttpHeaders, { port }: Gate): Refusal | null {
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return { status: 403, message: `Host ${host ?? '(none)'} is refused; open http://127.0.0.1:${port} instead.` };
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, message: `Requests of pages at ${origin} are refused.` };
  return null;
}

/** Checks the cookie of a page, or `Authorization: Bearer` of a program. */
export function refuseUnknown({ cookie, authorization }: IncomingHttpHeaders, gate: Gate): Refusal | null {
  const prefix = `${cookieName(gate.port)}=`;
  const fromCookie = cookie
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
  const given = authorization?.startsWith('Bearer ') ? authorization.slice(7) : fromCookie;
  if (given === undefined) return { status: 401, message: 'The token is missing; open the address that Credence printed when it started.' };
  return isToken(given, gate.token) ? null : { status: 401, message: 'The token is wrong; open the address that Credence printed when it started.' };
}
