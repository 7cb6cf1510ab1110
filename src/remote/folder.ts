// Shared builds in a folder: a file for each object. An object is written under another name, which no
// listing has, and then renamed, so that none is there in part, also on NFS.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Failure, reason } from '../model/failure.ts';
import { ageOf, namesIn } from '../store/plainfile.ts';
import type { FileBody, Range, Remote } from './remote.ts';

/** Files that are being written. */
const UNFINISHED = 'tmp';

export class FolderRemote implements Remote {
  readonly url: string;
  requests = 0;
  readonly #folder: string;
  #listed: { readonly folder: string; readonly keys: readonly string[] } | undefined;

  /** @param folder its absolute path. It need not exist before something is written. */
  constructor(folder: string) {
    this.#folder = folder;
    this.url = folder;
  }

  list(prefix: string, after: string | undefined, most: number): Promise<readonly string[]> {
    this.requests++;
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const file = this.#file(folder);
    return this.#attempt(file, () => {
      // Further pages are of the list that the first one is of: a folder has no pages.
      const known = after !== undefined && this.#listed?.folder === folder ? this.#listed.keys : undefined;
      const keys = known ?? sortedNames(file).map((name) => `${folder}${name}`);
      this.#listed = { folder, keys };
      const page: string[] = [];
      for (
        let i = after === undefined ? 0 : firstAfter(keys, after);
        i < keys.length && page.length < most;
        i++
      )
        if (keys[i]!.startsWith(prefix)) page.push(keys[i]!);
      return page;
    });
  }

  get(key: string, range?: Range): Promise<Buffer | undefined> {
    return this.#attempt(this.#file(key), () => this.#read(key, range));
  }

  getSync(key: string, range?: Range): Buffer | undefined {
    const file = this.#file(key);
    try {
      return this.#read(key, range);
    } catch (error) {
      throw new Failure(`${file}: ${reason(error)}`);
    }
  }

  #read(key: string, range?: Range): Buffer | undefined {
    this.requests++;
    let fd: number;
    try {
      fd = fs.openSync(this.#file(key), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      if (!range) return fs.readFileSync(fd);
      const bytes = Buffer.allocUnsafe(Math.max(0, range.to - range.from));
      let length = 0;
      while (length < bytes.length) {
        const n = fs.readSync(fd, bytes, length, bytes.length - length, range.from + length);
        if (n === 0) break;
        length += n;
      }
      return bytes.subarray(0, length);
    } finally {
      fs.closeSync(fd);
    }
  }

  put(key: string, body: Buffer | FileBody): Promise<void> {
    this.requests++;
    const file = this.#file(key);
    const fresh = path.join(this.#folder, UNFINISHED, randomBytes(12).toString('hex'));
    return this.#attempt(file, () => {
      fs.mkdirSync(path.dirname(fresh), { recursive: true });
      try {
        if (Buffer.isBuffer(body)) fs.writeFileSync(fresh, body);
        else fs.copyFileSync(body.file, fresh);
        sync(fresh);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.renameSync(fresh, file);
      } catch (error) {
        fs.rmSync(fresh, { force: true });
        throw error;
      }
      if (!Buffer.isBuffer(body)) body.sent?.(body.size);
    });
  }

  remove(key: string): Promise<void> {
    this.requests++;
    const file = this.#file(key);
    return this.#attempt(file, () => {
      fs.rmSync(file, { force: true });
      try {
        // A build's folder goes with its last file.
        fs.rmdirSync(path.dirname(file));
      } catch {
        // There are others in it.
      }
    });
  }

  age(key: string): Promise<number | undefined> {
    this.requests++;
    const file = this.#file(key);
    return this.#attempt(file, () => {
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      return stat && Date.now() - stat.mtimeMs;
    });
  }

  removeUnfinished(olderThan: number): void {
    const folder = path.join(this.#folder, UNFINISHED);
    for (const name of namesIn(folder)) {
      const file = path.join(folder, name);
      if (/^[0-9a-f]{24}$/.test(name) && ageOf(file) > olderThan) fs.rmSync(file, { force: true });
    }
  }

  close(): void {
    // No descriptor stays open.
  }

  #file(key: string): string {
    return path.join(this.#folder, key);
  }

  async #attempt<T>(file: string, action: () => T): Promise<T> {
    try {
      return await Promise.resolve(action());
    } catch (error) {
      throw new Failure(`${file}: ${reason(error)}`);
    }
  }
}

/** The names in a folder, in the order of their UTF-16 units, as keys are; none if it is not there. */
function sortedNames(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The index of the first key that comes after another one. */
function firstAfter(keys: readonly string[], after: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What others can see is on the disk, too. */
function sync(file: string): void {
  const fd = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
