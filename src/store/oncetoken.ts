// Tokens that are good for one use within a minute, made from a token that stays. For places that others can
// read, as the arguments of a program. Whoever has the token that stays can make them, in any process.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long one is good. */
const GOOD_MS = 60_000;

function sign(token: string, text: string): string {
  return createHmac('sha256', token).update(text).digest('base64url');
}

/** @param now in milliseconds since the epoch. */
export function onceToken(token: string, now = Date.now()): string {
  const text = `${now + GOOD_MS}.${randomBytes(12).toString('base64url')}`;
  return `${text}.${sign(token, text)}`;
}

/** Those that were used. */
export class OnceTokens {
  readonly #token: string;
  /** Until when each was good. */
  readonly #used = new Map<string, number>();

  constructor(token: string) {
    this.#token = token;
  }

  /** @returns whether it is good; from then on, it is not. */
  use(given: string, now = Date.now()): boolean {
    const [, text = '', until = '', signature = ''] = /^((\d{1,15})\.[\w-]+)\.([\w-]+)$/.exec(given) ?? [];
    const wanted = Buffer.from(sign(this.#token, text));
    const found = Buffer.from(signature);
    if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return false;
    for (const [used, end] of this.#used) if (end < now) this.#used.delete(used);
    if (Number(until) < now || this.#used.has(text)) return false;
    this.#used.set(text, Number(until));
    return true;
  }
}
