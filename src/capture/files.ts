// Files whose names or contents the wrapped build decides: opened so that nothing else than a file is ever read, and nothing waits. A FIFO
// would stop the recorder, or take what another reader waits for; a device may do anything.

import fs from 'node:fs';
import path from 'node:path';

/** No dump of a graph, manifest or log of a tool is longer. */
const LONGEST = 1024 * 1024 * 1024;

/** Opens a regular file for reading; a symlink is followed. @throws where there is none, or something else of that name. */
function openRegular(file: string, flags = 0): number {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | flags);
  try {
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (!stat.isFile()) throw new Error('not a file');
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** The contents of a regular file. @param most bytes. @throws as openRegular, and where it is longer. */
export function readRegular(file: string, most = LONGEST): Buffer {
  const fd = openRegular(file);
  try {
    return readOpen(fd, most);
  } finally {
    fs.closeSync(fd);
  }
}

/** The contents of an open file. @throws where they are longer. */
export function readOpen(fd: number, most = LONGEST): Buffer {
  if (fs.fstatSync(fd).size > most) throw Object.assign(new Error('too long'), { code: 'EFBIG' });
  return fs.readFileSync(fd);
}

/** A name that a job may give a file in the workspace. */
const PLAIN = /^[A-Za-z0-9][\w.]{0,100}$/;

/** May a job call a file in the workspace so? */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

/**
 * Opens a file that a job has put into a folder of ours. Whoever has the build's nonce may name one.
 * @throws where it is not the plain name of a regular file that belongs to us.
 */
export function openSpooled(folder: string, name: string): number {
  if (!isPlainName(name)) throw new Error(`${JSON.stringify(name)}: not a name that a job may give`);
  const fd = openRegular(path.join(folder, name), fs.constants.O_NOFOLLOW);
  if (fs.fstatSync(fd).uid === process.getuid?.()) return fd;
  fs.closeSync(fd);
  throw new Error(`${name}: belongs to somebody else`);
}

/** Reads such a file, and removes it; undefined where there is none that may be read. */
export function takeSpooled(folder: string, name: string): Buffer | undefined {
  try {
    const fd = openSpooled(folder, name);
    try {
      return readOpen(fd);
    } finally {
      fs.closeSync(fd);
      fs.unlinkSync(path.join(folder, name));
    }
  } catch {
    return undefined;
  }
}
