// A lock file that names the process that holds it, so that nobody waits for one that is gone. It suits work
// that should not be done twice at once but does no harm if it is: between the discovery that a lock is stale
// and its takeover, another process may take it over as well.

import fs from 'node:fs';
import { openPrivate, writeAll } from './privatefiles.ts';
import { ageOf, readStart } from './plainfile.ts';
import { type ProcessMark, liveness, thisProcess } from './running.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock. Returns undefined if another process holds it.
 * @throws if the file cannot be created.
 */
export function tryLock(file: string): Lock | undefined {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openPrivate(file, 'wx');
      try {
        writeAll(fd, Buffer.from(`${JSON.stringify(thisProcess())}\n`));
      } finally {
        fs.closeSync(fd);
      }
      return {
        release: () => {
          fs.rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readMark(file);
    const state = holder && liveness(holder);
    if (state === 'running') return undefined;
    // A lock file without a mark may have just been created. A mark from another container may be unknown
    // here.
    if (state === undefined && ageOf(file) < YOUNG_MS) return undefined;
    if (state === 'unknown' && ageOf(file) < UNSEEN_MS) return undefined;
    fs.rmSync(file, { force: true });
  }
  return undefined;
}

function readMark(file: string): ProcessMark | undefined {
  try {
    const value = JSON.parse(readStart(file, LONGEST).toString()) as Partial<ProcessMark> | null;
    return Number.isSafeInteger(value?.pid) ? (value as ProcessMark) : undefined;
  } catch {
    return undefined;
  }
}

/** No mark is longer, in bytes. */
const LONGEST = 4096;
const YOUNG_MS = 10_000;
const UNSEEN_MS = 10 * 60_000;
