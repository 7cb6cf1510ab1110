// The user's cache of shared builds: a small store for each of them, and as much of its logs as somebody has
// looked at. The least recently used ones go when it grows too large; a build that is open stays readable, as
// its descriptors do.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, reason } from '../model/failure.ts';
import { parseSize } from '../model/size.ts';
import { ageOf, namesIn, statOf } from '../store/plainfile.ts';

/** How much is kept, in bytes; LOGLIN_CACHE overrides it. */
const MOST = 1024 ** 3;
/** A build that was opened so recently may be open, in milliseconds. */
export const RECENT_MS = 3600_000;

/** Returns the folder of shared builds. @throws Failure if it is not ours. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME: cache = '', HOME: home = os.homedir() } = process.env;
  const base = path.isAbsolute(cache)
    ? cache
    : path.isAbsolute(home)
      ? path.join(home, '.cache')
      : os.tmpdir();
  const folder = path.join(base, 'loglin', 'shared');
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = fs.lstatSync(folder);
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) throw new Error('others can write there');
  } catch (error) {
    throw new Failure(`${folder}: ${reason(error)}; XDG_CACHE_HOME=DIR takes another folder`);
  }
  return folder;
}

/**
 * Returns the store in the cache for one build; it may be empty.
 * @param words that tell the build from all others.
 */
export function cachedStore(...words: readonly string[]): string {
  const folder = cacheFolder();
  const name = createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32);
  const store = path.join(folder, name);
  fs.mkdirSync(store, { recursive: true, mode: 0o700 });
  keepInUse(store);
  return store;
}

/** Says that a store is in use: its folder's time is that of its last use. */
export function keepInUse(store: string): void {
  fs.utimesSync(store, new Date(), new Date());
}

/** Returns a new empty store, which whoever asked for it removes; trimCache does if that was killed. */
export function scratchStore(): string {
  return fs.mkdtempSync(path.join(cacheFolder(), 'whole-'));
}

/** Looking at all that is kept takes longer than to bring a build: for each so many builds once. */
const TRIM_EACH = 100;
let opened = 0;

/** Called for each build that comes: removes the least recently used ones if there is too much. */
export function trimCache(): void {
  if (opened++ % TRIM_EACH !== 0) return;
  const folder = cacheFolder();
  const most = parseSize(process.env.LOGLIN_CACHE ?? '') ?? MOST;
  const stores = namesIn(folder).map((name) => {
    const store = path.join(folder, name);
    return { store, age: ageOf(store), bytes: diskUsage(store) };
  });
  let total = stores.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { store, age, bytes } of stores.sort((a, b) => b.age - a.age)) {
    if (total <= most || age < RECENT_MS) break;
    fs.rmSync(store, { recursive: true, force: true });
    total -= bytes;
  }
}

const BLOCK = 512;

/** What the files below a folder take up; the pack of a build has holes. */
function diskUsage(folder: string): number {
  let total = 0;
  for (const name of namesIn(folder)) {
    const file = path.join(folder, name);
    const stat = statOf(file);
    if (stat?.isDirectory()) total += diskUsage(file);
    else total += (stat?.blocks ?? 0) * BLOCK;
  }
  return total;
}
