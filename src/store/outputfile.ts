// Writes a file at a path that the user has given. A regular file is either complete or unchanged: it is
// written beside its place and renamed at the end. Anything else is written in place and never replaced: a
// device, a FIFO, the name of a descriptor (/dev/stdout). A link stays, and its target is written.

import fs from 'node:fs';
import path from 'node:path';
import { statOf } from './plainfile.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = fs.constants;

export interface OutputOptions {
  /** The mode of a new file, before the umask. An existing file keeps its own. */
  readonly mode: number;
  /** Leaves an existing file alone and fails with the code EEXIST. */
  readonly fresh?: boolean;
  /**
   * Never blocks: a FIFO without a reader is an error, and a slow reader may get less than the given bytes.
   */
  readonly hasty?: boolean;
}

/** A longer chain of links is a cycle. */
const MOST_LINKS = 40;
/** How many names beside the file are tried. Killed processes may have left some of them. */
const MOST_NAMES = 100;

/** Where a path leads. */
interface Place {
  readonly file: string;
  /** Undefined if nothing exists there. */
  readonly stat: fs.Stats | undefined;
  /**
   * It is the name of a descriptor. The descriptor is used directly, since its file's path may by now name
   * another file.
   */
  readonly descriptor: boolean;
}

export class OutputFile {
  readonly fd: number;
  /** The temporary file; undefined if the output is written in place. */
  readonly #beside: string | undefined;
  readonly #place: Place;
  #closed = false;

  /** @throws like open; for a directory or a socket, an error that says so. */
  constructor(file: string, { mode, fresh = false, hasty = false }: OutputOptions) {
    if (file.endsWith('/')) throw failure('EISDIR', 'is a directory');
    if (fresh && statOf(file)) throw failure('EEXIST', 'is there already');
    const place = placeOf(path.resolve(file));
    const { stat } = place;
    this.#place = place;
    checkKind(place);
    if (place.descriptor || (stat && !stat.isFile())) {
      this.fd = openInPlace(place.file, hasty);
      return;
    }
    // A user who may write to the folder could otherwise replace a protected file.
    if (stat) fs.accessSync(place.file, fs.constants.W_OK);
    try {
      [this.fd, this.#beside] = openBeside(place.file, stat ? 0o600 : mode);
    } catch (error) {
      // The only way in a folder in which no other file can be created.
      if (!stat || !isDenied(error)) throw error;
      this.fd = fs.openSync(place.file, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    }
  }

  /**
   * Writes some bytes.
   * @returns how many were taken: all of them, unless blocking is ruled out.
   * @throws like write.
   */
  write(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      try {
        at += fs.writeSync(this.fd, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        return at;
      }
    }
    return at;
  }

  /**
   * The output stays even if it is never completed, since it is not a regular file or there is no room beside
   * it.
   */
  get inPlace(): boolean {
    return this.#beside === undefined;
  }

  /**
   * Completes the file by moving it to its place.
   * @throws if that is not possible; the place is then unchanged.
   */
  commit(): void {
    const { file, stat } = this.#place;
    try {
      if (this.#beside !== undefined && stat) {
        keepOwner(this.fd, stat);
        fs.fchmodSync(this.fd, stat.mode & 0o7777);
      }
      this.#close();
      if (this.#beside !== undefined) moveOver(this.#beside, file, stat !== undefined);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Gives up the file and removes what was written beside its place. */
  abandon(): void {
    this.#close();
    if (this.#beside !== undefined) fs.rmSync(this.#beside, { force: true });
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    fs.closeSync(this.fd);
  }
}

/**
 * Opens a file that others read while it is written: in its place, and empty at first if it is a regular one.
 * Opening a FIFO waits for its reader.
 * @param mode of a new file, before the umask.
 * @throws like open; for a directory or a socket, an error that says so.
 */
export function openToStream(file: string, mode: number): number {
  if (file.endsWith('/')) throw failure('EISDIR', 'is a directory');
  const place = placeOf(path.resolve(file));
  const { stat, descriptor } = place;
  // A socket cannot be opened, but /dev/stderr may be one that is open here.
  const ours = descriptor && path.dirname(place.file) === `/proc/${process.pid}/fd`;
  if (ours && stat?.isSocket()) return Number(path.basename(place.file));
  checkKind(place);
  if (descriptor || (stat && !stat.isFile())) return openInPlace(place.file, false);
  return fs.openSync(place.file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
}

function checkKind({ stat }: Place): void {
  if (stat?.isDirectory()) throw failure('EISDIR', 'is a directory');
  if (stat?.isSocket()) throw failure('EINVAL', 'is a socket');
}

function placeOf(file: string): Place {
  let at = file;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const folder = fs.realpathSync(path.dirname(at));
    at = path.join(folder, path.basename(at));
    const stat = statOf(at);
    if (!stat?.isSymbolicLink()) return { file: at, stat, descriptor: false };
    if (/^\/proc\/[^/]+\/(?:task\/\d+\/)?fd$/.test(folder))
      return { file: at, stat: fs.statSync(at), descriptor: true };
    at = path.resolve(folder, fs.readlinkSync(at));
  }
  throw failure('ELOOP', 'too many levels of symbolic links');
}

/** Appends, so that what others have written to a file through that descriptor stays. */
function openInPlace(file: string, hasty: boolean): number {
  try {
    return fs.openSync(file, O_WRONLY | O_APPEND | (hasty ? O_NONBLOCK : 0));
  } catch (error) {
    const isFifo = fs.statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
    throw isFifo && (error as NodeJS.ErrnoException).code === 'ENXIO'
      ? failure('ENXIO', 'nobody reads it')
      : error;
  }
}

function openBeside(file: string, mode: number): [fd: number, file: string] {
  for (let i = 0; ; i++) {
    const beside = path.join(path.dirname(file), `.loglin-${process.pid}-${i}`);
    try {
      return [fs.openSync(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode), beside];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || i === MOST_NAMES) throw error;
    }
  }
}

/** Is the operation forbidden here, as opposed to impossible? */
function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** @param there whether a file of that name exists. */
function moveOver(from: string, to: string, there: boolean): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A mounted file, or another user's in a folder like /tmp, can be written but not replaced.
    if (!there || !['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes(code)) throw error;
    fs.copyFileSync(from, to);
    fs.rmSync(from, { force: true });
  }
}

/** A file that root writes still belongs to its owner. */
function keepOwner(fd: number, { uid, gid }: fs.Stats): void {
  const fresh = fs.fstatSync(fd);
  if (fresh.uid === uid && fresh.gid === gid) return;
  try {
    fs.fchownSync(fd, uid, gid);
  } catch (error) {
    // Other users may not give files away. The file then belongs to them, like a new one.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}
