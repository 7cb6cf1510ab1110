// Opens files that may be anything, and makes sure that only regular files are read and that nothing blocks.
// A store may have arrived with a foreign tree. A symbolic link in it could otherwise have one of our files
// read, exported, truncated or overwritten. A FIFO could block forever, and a folder of ours could be taken
// for a build. Therefore only regular files and real folders count. Paths above the store, and those that the
// wrapped build names, may be links, but must still lead to regular files.

import fs from 'node:fs';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK } =
  fs.constants;

/** With the same meaning as in fs.open. */
const FLAGS = {
  r: O_RDONLY,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND,
  'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
} as const;

export type OpenFlags = keyof typeof FLAGS;

/**
 * Opens a regular file: no link, folder, FIFO or device.
 * @param mode the mode of a new file.
 * @throws like fs.openSync; for anything else than a regular file, an error that says what it is.
 */
export function openPlain(file: string, flags: OpenFlags = 'r', mode = 0o600): number {
  return open(file, FLAGS[flags] | O_NOFOLLOW, mode);
}

function open(file: string, flags: number, mode?: number): number {
  let fd: number;
  try {
    fd = fs.openSync(file, flags | O_NONBLOCK, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (flags & O_NOFOLLOW && (code === 'ELOOP' || code === 'EMLINK')) throw refusal('ELOOP', LINK);
    if (code === 'ENXIO') throw refusal('ENXIO', 'not a file');
    throw error;
  }
  if (flags & O_EXCL) return fd; // Just made, hence a file.
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return fd;
  fs.closeSync(fd);
  throw stat.isDirectory() ? refusal('EISDIR', 'is a directory') : refusal('ENXIO', 'not a file');
}

/**
 * Returns all the text of a small file.
 * @throws like openPlain.
 */
export function readPlain(file: string, encoding: BufferEncoding = 'utf8'): string {
  return readPlainBytes(file).toString(encoding);
}

/**
 * Returns all bytes of a file.
 * @throws like openPlain.
 */
export function readPlainBytes(file: string): Buffer {
  const fd = openPlain(file);
  try {
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** No file that loglin reads as a whole is longer, in bytes. */
const LONGEST = 1024 * 1024 * 1024;

/**
 * Returns all bytes of a file outside a store. A link is followed.
 * @param most the largest size in bytes.
 * @throws like openPlain, and if the file is larger.
 */
export function readRegular(file: string, most = LONGEST): Buffer {
  const fd = open(file, O_RDONLY);
  try {
    return readOpen(fd, most);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Returns all bytes of an open file.
 * @throws if it is larger.
 */
export function readOpen(fd: number, most = LONGEST): Buffer {
  if (fs.fstatSync(fd).size > most) throw refusal('EFBIG', 'too long');
  return fs.readFileSync(fd);
}

/**
 * Returns the first bytes of a file.
 * @param most the largest number of bytes.
 * @throws like openPlain.
 */
export function readStart(file: string, most: number): Buffer {
  const fd = openPlain(file);
  try {
    const bytes = Buffer.allocUnsafe(Math.min(fs.fstatSync(fd).size, most));
    let length = 0;
    while (length < bytes.length) {
      const n = fs.readSync(fd, bytes, length, bytes.length - length, length);
      if (n === 0) break;
      length += n;
    }
    return bytes.subarray(0, length);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Returns the status of a path, without following a link; undefined if nothing exists there or access is
 * denied.
 */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Returns how long ago a path was last changed, in milliseconds; Infinity if nothing exists there or access
 * is denied.
 */
export function ageOf(file: string): number {
  const stat = statOf(file);
  return stat ? Date.now() - stat.mtimeMs : Infinity;
}

/** Returns the names in a folder; none if it cannot be read or is not a folder. */
export function namesIn(folder: string): string[] {
  try {
    checkFolder(folder);
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** @throws if something other than a folder exists there. Nothing need exist. */
export function checkFolder(folder: string): void {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!stat || stat.isDirectory()) return;
  throw stat.isSymbolicLink() ? refusal('ELOOP', LINK) : refusal('ENOTDIR', 'not a directory');
}

const LINK = 'a symbolic link, and loglin follows none in a store';

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
