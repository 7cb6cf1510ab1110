// Opening files that may be anything, so that nothing but a file is ever read, and nothing waits. A store may
// have come with a tree from elsewhere: then a symbolic link in it would have a file of ours read, exported,
// truncated or written to, a pipe would hold us up for ever, and a folder of ours would be taken for one of
// builds. So only plain files and real folders count. What is above the store, and what the wrapped build
// names, may be a link, but is no less a file.

import fs from 'node:fs';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK } =
  fs.constants;

/** As fs.open has them. */
const FLAGS = {
  r: O_RDONLY,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND,
} as const;

export type OpenFlags = keyof typeof FLAGS;

/**
 * Opens a file that is one: no link, no folder, no pipe, no device.
 * @param mode of a file that is made.
 * @throws as fs.openSync; where it is something else, an error that says what.
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
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return fd;
  fs.closeSync(fd);
  throw stat.isDirectory() ? refusal('EISDIR', 'is a directory') : refusal('ENXIO', 'not a file');
}

/** All of a small file's text. @throws as openPlain. */
export function readPlain(file: string, encoding: BufferEncoding = 'utf8'): string {
  return readPlainBytes(file).toString(encoding);
}

/** All of a file. @throws as openPlain. */
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
 * All of a file that is not in a store: a link is followed.
 * @param most bytes.
 * @throws as openPlain, and where it is longer.
 */
export function readRegular(file: string, most = LONGEST): Buffer {
  const fd = open(file, O_RDONLY);
  try {
    return readOpen(fd, most);
  } finally {
    fs.closeSync(fd);
  }
}

/** All of an open file. @throws where it is longer. */
export function readOpen(fd: number, most = LONGEST): Buffer {
  if (fs.fstatSync(fd).size > most) throw refusal('EFBIG', 'too long');
  return fs.readFileSync(fd);
}

/** The first bytes of a file, as many as there are. @param most how many. @throws as openPlain. */
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

/** What is there, itself if it is a link; undefined where nothing is, or where nobody may look. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** How long ago it was changed last, in milliseconds; Infinity where nothing is, or where nobody may look. */
export function ageOf(file: string): number {
  const stat = statOf(file);
  return stat ? Date.now() - stat.mtimeMs : Infinity;
}

/** The names in a folder; none where it cannot be read, or is something else. */
export function namesIn(folder: string): string[] {
  try {
    checkFolder(folder);
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** @throws where something else is there than a folder; nothing need be there. */
export function checkFolder(folder: string): void {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!stat || stat.isDirectory()) return;
  throw stat.isSymbolicLink() ? refusal('ELOOP', LINK) : refusal('ENOTDIR', 'not a directory');
}

const LINK = 'a symbolic link, and loglin follows none in a store';

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
