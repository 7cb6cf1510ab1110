// Opening what lies in a store. Whoever has filled it may have put anything there: a FIFO that nobody writes to, a device, a link to a file that
// is none of the store's. Only regular files are opened, and no link is followed; nothing is waited for. Knows no file's content.

import fs from 'node:fs';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Added to the flags of each file that is opened in a store. */
export const PLAIN = O_NOFOLLOW | O_NONBLOCK;

/** Opens a regular file to be read. @throws as open does; where it is something else, an error that says what. */
export function openRegular(file: string): number {
  return openPlain(file, O_RDONLY);
}

/** As openRegular, with these flags: to be written, say. @param mode of a file that is made. */
export function openPlain(file: string, flags: number, mode?: number): number {
  let fd: number;
  try {
    fd = fs.openSync(file, flags | PLAIN, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Of a link, of a socket, of a FIFO that nobody reads.
    const stat = code === 'ELOOP' || code === 'ENXIO' ? statOf(file) : undefined;
    throw stat && !stat.isFile() ? notRegular(stat) : error;
  }
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return fd;
  fs.closeSync(fd);
  throw notRegular(stat);
}

/** What a file is that is none, in words. */
export function kindOf(stat: fs.Stats): string {
  if (stat.isDirectory()) return 'a directory';
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a FIFO';
  if (stat.isSocket()) return 'a socket';
  return stat.isFile() ? 'a file' : 'a device';
}

function notRegular(stat: fs.Stats): Error {
  const text = `is ${kindOf(stat)}`;
  return Object.assign(new Error(stat.isDirectory() ? text : `${text}, want a file`), {
    code: stat.isDirectory() ? 'EISDIR' : 'EINVAL',
  });
}

/** The first bytes of a file, as many as there are. @param most how many. @throws as openRegular. */
export function readRegular(file: string, most: number): Buffer {
  const fd = openRegular(file);
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.allocUnsafe(Math.min(size, most));
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

/** Is this a folder itself, and not a link to one? */
export function isFolder(folder: string): boolean {
  return statOf(folder)?.isDirectory() ?? false;
}
