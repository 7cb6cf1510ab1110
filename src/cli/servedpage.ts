// The page of a store's builds, served by this process: `loglin serve`, `loglin watch --port`.

import fs from 'node:fs';
import { packageFile } from '../capture/package.ts';
import { Failure } from '../model/failure.ts';
import { isToken, newToken } from '../serve/access.ts';
import { startServer } from '../serve/server.ts';
import { announce, lastToken } from '../store/announced.ts';
import { onceToken } from '../store/oncetoken.ts';

export interface ServedPage {
  /** The page's address, with the token. */
  readonly address: string;
  /** An address with a token that works once, for command lines that others can see. */
  addressOnce(): string;
  close(): Promise<void>;
}

/** @throws Failure if an option's value is no port. */
export function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Failure(`--port ${text}: want a number up to 65535`);
  return Number(text);
}

/** A store is there for good, or, with a build of a remote in it, for as long as it is served. */
export type StoreLife = 'lasting' | 'brief';

/**
 * @param store a folder that exists.
 * @param port 0: any.
 * @param life of a brief store nothing is kept: it has another token each time.
 * @throws Failure if it cannot listen there.
 */
export async function servePage(
  store: string,
  port: number,
  host: string,
  life: StoreLife = 'lasting',
): Promise<ServedPage> {
  const real = fs.realpathSync(store);
  const last = life === 'lasting' ? lastToken(real) : undefined;
  const token = last !== undefined && isToken(last) ? last : newToken();
  const server = await startServer({ store: real, page: packageFile('page'), host, port, token });
  const forget = life === 'lasting' ? announce(real, server.url, token) : undefined;
  return {
    address: `${server.url}?token=${token}`,
    addressOnce: () => `${server.url}?token=${onceToken(token)}`,
    close: async () => {
      forget?.();
      await server.close();
    },
  };
}
