// A lock file that names the process that holds it, so that nobody waits for one that is gone. For what must
// not be done twice at once, but would do no harm if it were: between finding a lock stale and taking it
// over, another process may do the same.

import fs from 'node:fs';
import { openPrivate, writeAll } from './privatefiles.ts';
import { ageOf, readStart } from './plainfile.ts';
import { type ProcessMark, liveness, thisProcess } from './running.ts';

export interface Lock {
  release(): void;
}

/** Takes the lock; undefined where another process holds it. @throws where the file cannot be made. */
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
    // One that has been made just now has no mark in it yet; of one in another container nobody here knows.
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

/** A mark is shorter, in bytes. */
const LONGEST = 4096;
const YOUNG_MS = 10_000;
const UNSEEN_MS = 10 * 60_000;
