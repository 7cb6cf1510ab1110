// Files that jobs have put into a folder of ours: records that are too long for a FIFO, graphs, what rustc
// says. Whoever has the build's nonce may name one, so no name leads anywhere else, and nothing else than a
// file of ours is ever read.

import fs from 'node:fs';
import path from 'node:path';
import { openPlain, readOpen } from '../store/plainfile.ts';

/** A name that a job may give a file in the workspace. */
const PLAIN = /^[A-Za-z0-9][\w.]{0,100}$/;

/** May a job call a file in the workspace so? */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

/**
 * Opens such a file for reading.
 * @throws where it is not the plain name of a regular file that belongs to us.
 */
export function openSpooled(folder: string, name: string): number {
  if (!isPlainName(name)) throw new Error(`${JSON.stringify(name)}: not a name that a job may give`);
  const fd = openPlain(path.join(folder, name));
  if (fs.fstatSync(fd).uid === process.getuid?.()) return fd;
  fs.closeSync(fd);
  throw new Error(`${name}: belongs to somebody else`);
}

/** Reads such a file. @throws as openSpooled. */
export function readSpooled(folder: string, name: string): Buffer {
  const fd = openSpooled(folder, name);
  try {
    return readOpen(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads such a file, and removes it; undefined where there is none that may be read. */
export function takeSpooled(folder: string, name: string): Buffer | undefined {
  try {
    const bytes = readSpooled(folder, name);
    fs.unlinkSync(path.join(folder, name));
    return bytes;
  } catch {
    return undefined;
  }
}
