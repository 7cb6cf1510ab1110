// Reads files that jobs have put into the workspace: records that are too long for a FIFO, graphs, rustc's
// output. Any program that has the build's nonce can name such a file. So names cannot lead out of the
// folder, and only files of our own user are read.

import fs from 'node:fs';
import path from 'node:path';
import { openPlain, readOpen } from '../store/plainfile.ts';

/** A name that a job may give a file in the workspace. */
const PLAIN = /^[A-Za-z0-9][\w.]{0,100}$/;

/** May a job give a file in the workspace this name? */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

/**
 * Opens such a file for reading.
 * @throws unless this is the plain name of a regular file that belongs to our user.
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

/** Reads such a file and removes it; undefined if there is none that may be read. */
export function takeSpooled(folder: string, name: string): Buffer | undefined {
  try {
    const bytes = readSpooled(folder, name);
    fs.unlinkSync(path.join(folder, name));
    return bytes;
  } catch {
    return undefined;
  }
}
