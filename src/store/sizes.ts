// The disk usage of a build, saved in its folder once it is known. A build has a log for each job, which is
// too many to check every time. Its index, which comes and goes, is not part of that.

import path from 'node:path';
import { indexFile, logsFolder, sizeFile } from './layout.ts';
import { writePrivate } from './privatefiles.ts';
import { namesIn, readStart, statOf } from './plainfile.ts';

/** More digits than any size has. */
const LONGEST = 20;

/** Files take up whole blocks. */
const BLOCK = 4096;

/** Returns the disk usage of a file of this size on most file systems. */
export function occupied(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/**
 * Returns the disk usage, in bytes, of a build that no longer grows: the saved size, else a measured one,
 * which is then saved.
 */
export function buildSize(folder: string): number {
  const noted = notedSize(folder);
  if (noted !== undefined) return noted;
  const bytes = measure(folder);
  try {
    noteSize(folder, bytes);
  } catch {
    // It is measured again next time.
  }
  return bytes;
}

/** Returns the disk usage of a build's index, in bytes. */
export function indexSize(folder: string): number {
  return occupied(statOf(indexFile(folder))?.size ?? 0);
}

/** Returns the saved size, or undefined. */
export function notedSize(folder: string): number | undefined {
  try {
    const text = readStart(sizeFile(folder), LONGEST).toString('latin1');
    return /^\d{1,15}\n$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws if it cannot be written. */
export function noteSize(folder: string, bytes: number): void {
  // Whoever reads it meanwhile would find it empty.
  if (notedSize(folder) !== bytes) writePrivate(sizeFile(folder), `${bytes}\n`);
}

function measure(folder: string): number {
  let total = 0;
  for (const at of [folder, logsFolder(folder)]) {
    for (const name of namesIn(at)) {
      const file = path.join(at, name);
      if (file === sizeFile(folder) || file.startsWith(indexFile(folder))) continue;
      const stat = statOf(file);
      if (stat?.isFile()) total += occupied(stat.size);
    }
  }
  return total;
}
