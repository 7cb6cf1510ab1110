// How much room a build takes on disk, kept in its folder once it is known: a build has a log for each job,
// too many to ask each time.

import path from 'node:path';
import { logsFolder, sizeFile } from './layout.ts';
import { writePrivate } from './privatefiles.ts';
import { namesIn, readStart, statOf } from './plainfile.ts';

/** More digits than any size has. */
const LONGEST = 20;

/** What files take up: whole blocks. */
const BLOCK = 4096;

/** The room that a file of this size takes, as most file systems have it. */
export function occupied(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/** Bytes on disk of a build that does not grow any more: as noted, else measured and noted. */
export function buildSize(folder: string): number {
  const noted = notedSize(folder);
  if (noted !== undefined) return noted;
  const bytes = measure(folder);
  try {
    noteSize(folder, bytes);
  } catch {
    // It is measured again the next time.
  }
  return bytes;
}

/** What was noted, or undefined. */
export function notedSize(folder: string): number | undefined {
  try {
    const text = readStart(sizeFile(folder), LONGEST).toString('latin1');
    return /^\d{1,15}\n$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws where it cannot be written. */
export function noteSize(folder: string, bytes: number): void {
  writePrivate(sizeFile(folder), `${bytes}\n`);
}

function measure(folder: string): number {
  let total = 0;
  for (const at of [folder, logsFolder(folder)]) {
    for (const name of namesIn(at)) {
      const file = path.join(at, name);
      if (file === sizeFile(folder)) continue;
      const stat = statOf(file);
      if (stat?.isFile()) total += occupied(stat.size);
    }
  }
  return total;
}
