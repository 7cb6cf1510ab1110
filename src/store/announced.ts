// Where the server of a store's page says that it runs (serve/), so that others can name its address; and the
// token, which stays the same when a server is started again, so that nobody is logged out. In the user's
// state, not in the store: a store may have come with a foreign tree, with a token that a stranger knows.

import fs from 'node:fs';
import path from 'node:path';
import { hash } from '../model/hash.ts';
import { onceToken } from './oncetoken.ts';
import { userState } from './place.ts';
import { readStart } from './plainfile.ts';
import { makeFolder, writePrivate } from './privatefiles.ts';
import { type ProcessMark, liveness, thisProcess } from './running.ts';

interface Announced {
  readonly store: string;
  readonly token: string;
  /** The address, without the token; undefined if none runs. */
  readonly url?: string | undefined;
  /** The server. */
  readonly by?: ProcessMark | undefined;
}

/** More is not from us, in bytes. */
const LONGEST = 16 * 1024;

function fileOf(store: string): string | undefined {
  const state = userState();
  return state && path.join(state, 'serve', `${hash(store).toString(36)}.json`);
}

function read(store: string): Announced | undefined {
  const file = fileOf(store);
  if (file === undefined) return undefined;
  try {
    const { uid, mode } = fs.lstatSync(file);
    // Whoever else could write or read it knows the token.
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return undefined;
    const found = JSON.parse(readStart(file, LONGEST).toString()) as Partial<Announced> | null;
    if (found?.store !== store || typeof found.token !== 'string') return undefined;
    return { ...found, store, token: found.token };
  } catch {
    return undefined;
  }
}

/** The token of the server that ran here last. */
export function lastToken(store: string): string | undefined {
  return read(store)?.token;
}

/**
 * The address of the page of the server that runs for this store, which can be opened once; undefined if none
 * does.
 */
export function announcedPage(store: string): string | undefined {
  const found = read(store);
  const url = found && addressIn(found);
  return url && `${url}?token=${onceToken(found.token)}`;
}

/**
 * The same address without a token: it can stand where others read it, and is of use to a browser that has
 * had the page before.
 */
export function announcedAddress(store: string): string | undefined {
  const found = read(store);
  return found && addressIn(found);
}

function addressIn({ url, by }: Announced): string | undefined {
  return typeof url === 'string' && by && liveness(by) === 'running' ? url : undefined;
}

/**
 * Announces a server of this process.
 * @param url its address, without the token.
 * @returns takes it back, and keeps the token; does nothing if another server has been announced since.
 */
export function announce(store: string, url: string, token: string): () => void {
  const by = thisProcess();
  if (!write({ store, token, url, by })) return () => undefined;
  return () => {
    const now = read(store);
    if (now?.by?.pid === by.pid && now.by.ticks === by.ticks) write({ store, token: now.token });
  };
}

/** @returns false if it cannot be written: then nobody finds the server, and it works all the same. */
function write(announced: Announced): boolean {
  const file = fileOf(announced.store);
  if (file === undefined) return false;
  try {
    makeFolder(path.dirname(file));
    const fresh = `${file}.${process.pid}`;
    writePrivate(fresh, `${JSON.stringify(announced)}\n`);
    fs.renameSync(fresh, file);
    return true;
  } catch {
    return false;
  }
}
