// Who may ask. Three checks, each against another attack:
// - `Host` names an address that the server listens at. A site whose name is made to lead to 127.0.0.1 (DNS
//   rebinding) sends its own name.
// - Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`). Pages of other servers on this
//   machine are of the same site for cookies, as a site has no port, and are refused here.
// - The token, which the URL that is printed has. It is exchanged for a cookie that scripts cannot read, so
//   that it is not left in the address. Programs may send it as `Authorization: Bearer TOKEN`. Knows neither
//   sockets nor files.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import os from 'node:os';
import { OnceTokens } from '../store/oncetoken.ts';

/** The parts of a request that are looked at. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
}

export type Verdict = 'cookie' | 'token' | 'no token' | 'wrong token' | 'wrong host' | 'other site';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Does this address lead to this machine only? */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.replace(/^::ffff:/, ''));
}

/** An address as a URL has it. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The name by which others reach a server that listens at this address. */
export function reachedAs(host: string): string {
  return ANY.has(host) ? os.hostname() : host;
}

/** The names that may stand in `Host` if a server listens at this address. */
export function hostNames(host: string): ReadonlySet<string> {
  const names = new Set([host.toLowerCase()]);
  if (isLoopback(host)) for (const name of ['localhost', '127.0.0.1', '::1']) names.add(name);
  if (ANY.has(host)) {
    names.add('localhost').add(os.hostname().toLowerCase());
    for (const addresses of Object.values(os.networkInterfaces()))
      for (const { address } of addresses ?? []) names.add(address.toLowerCase());
  }
  return names;
}

/** 192 bits, of characters that need no escape. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

export const isToken = (text: string): boolean => /^[\w-]{32}$/.test(text);

/** Compares in a time that does not depend on the texts. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export interface AccessSetting {
  readonly token: string;
  /** What the server listens at, as given. */
  readonly host: string;
  readonly port: number;
  /** The name of the cookie. A cookie has no port, so that stores are told apart by it. */
  readonly cookie: string;
}

export class Access {
  readonly #setting: AccessSetting;
  readonly #hosts: ReadonlySet<string>;
  readonly #once: OnceTokens;

  constructor(setting: AccessSetting) {
    this.#setting = setting;
    this.#once = new OnceTokens(setting.token);
    const { port } = setting;
    const names = [...hostNames(setting.host)].map(urlHost);
    this.#hosts = new Set(names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]));
  }

  /** Whether a request may be answered: `cookie` if so; `token` if it has the token in its address. */
  check({ headers, query }: Asked): Verdict {
    if (!this.#hosts.has(headers.host?.toLowerCase() ?? '')) return 'wrong host';
    if (!this.#sameSite(headers)) return 'other site';
    const { token, cookie } = this.#setting;
    const asked = query.get('token');
    if (asked !== null) return same(asked, token) || this.#once.use(asked) ? 'token' : 'wrong token';
    const [, bearer] = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
    const given = bearer ?? cookies(headers.cookie).get(cookie);
    if (given === undefined) return 'no token';
    return same(given, token) ? 'cookie' : 'wrong token';
  }

  /** Does a request come from the page itself, or from the user? Programs that are no browsers do not say. */
  #sameSite(headers: IncomingHttpHeaders): boolean {
    const { origin } = headers;
    if (origin !== undefined && !this.#hosts.has(origin.replace(/^http:\/\//, '').toLowerCase()))
      return false;
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return true;
    // A link that was followed. What it shows is not readable for the page that has the link.
    return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  }

  /** The header that gives a browser the cookie. */
  get setCookie(): string {
    const { cookie, token } = this.#setting;
    return `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

function cookies(header = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of header.split(';')) {
    const [name = '', value = ''] = pair.trim().split('=', 2);
    if (!found.has(name)) found.set(name, value);
  }
  return found;
}
