// Writing where the user has said. A file is whole or as it was: it is written beside its place, and takes it
// at the end. What is no file is written into and never replaced: a device, a FIFO, what a descriptor is
// called (/dev/stdout). A link stays, and its target is written.

import fs from 'node:fs';
import path from 'node:path';
import { statOf } from './plainfile.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = fs.constants;

export interface OutputOptions {
  /** Of a file that is made, before the umask; one that is there keeps its own. */
  readonly mode: number;
  /** Whatever is there is left alone: an error with the code EEXIST. */
  readonly fresh?: boolean;
  /**
   * Nothing is waited for: a FIFO without a reader is an error, one whose reader is slow takes less than it
   * is given.
   */
  readonly hasty?: boolean;
}

/** As many links lead on from one another, then it is a circle. */
const MOST_LINKS = 40;
/** A name beside the file, of which others may be left by processes that were killed. */
const MOST_NAMES = 100;

/** Where a name leads. */
interface Place {
  readonly file: string;
  /** What is there; undefined: nothing. */
  readonly stat: fs.Stats | undefined;
  /**
   * It is a descriptor's name: what it stands for is not looked for by its path, where another file may be by
   * now.
   */
  readonly descriptor: boolean;
}

export class OutputFile {
  readonly fd: number;
  /** Where it is written until it is complete; undefined: in its place. */
  readonly #beside: string | undefined;
  readonly #place: Place;
  #closed = false;

  /** @throws as open does; where it is a directory or a socket, an error that says so. */
  constructor(file: string, { mode, fresh = false, hasty = false }: OutputOptions) {
    if (file.endsWith('/')) throw failure('EISDIR', 'is a directory');
    if (fresh && statOf(file)) throw failure('EEXIST', 'is there already');
    const place = placeOf(path.resolve(file));
    const { stat } = place;
    this.#place = place;
    if (stat?.isDirectory() || stat?.isSocket())
      throw stat.isDirectory() ? failure('EISDIR', 'is a directory') : failure('EINVAL', 'is a socket');
    if (place.descriptor || (stat && !stat.isFile())) {
      this.fd = openInPlace(place.file, hasty);
      return;
    }
    // Who may write into its folder could replace a file that is protected.
    if (stat) fs.accessSync(place.file, fs.constants.W_OK);
    try {
      [this.fd, this.#beside] = openBeside(place.file, stat ? 0o600 : mode);
    } catch (error) {
      // In a folder that takes no other file, the only way.
      if (!stat || !isDenied(error)) throw error;
      this.fd = fs.openSync(place.file, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    }
  }

  /**
   * Writes some bytes.
   * @returns how many it took: all of them, unless nothing is waited for.
   * @throws as write does.
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
   * What was written stays, also where it will not be completed: it is no file, or there is no room beside
   * it.
   */
  get inPlace(): boolean {
    return this.#beside === undefined;
  }

  /** It is complete: it takes its place. @throws where that is not possible; then it is as it was. */
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

  /** It will not be completed: what was written beside its place is removed. */
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

/** Appends: what others have written to a file on that descriptor stays. */
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

/** Not allowed here, as opposed to not possible. */
function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** @param there there is a file of that name. */
function moveOver(from: string, to: string, there: boolean): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A file that is mounted, or another user's in a folder like /tmp: it can be written, but not replaced.
    if (!there || !['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes(code)) throw error;
    fs.copyFileSync(from, to);
    fs.rmSync(from, { force: true });
  }
}

/** A file that root writes stays its owner's. */
function keepOwner(fd: number, { uid, gid }: fs.Stats): void {
  const fresh = fs.fstatSync(fd);
  if (fresh.uid === uid && fresh.gid === gid) return;
  try {
    fs.fchownSync(fd, uid, gid);
  } catch (error) {
    // Others may not give files away: then it is theirs, as a file that they had made would be.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}
