// Writing to stdout, and to what gets the same bytes, without ever holding up a build: writes run beside the
// event loop, one at a time, and the rest waits. If there is no build to hold up, writes are synchronous.
// Survives a reader that goes away.

import fs from 'node:fs';
import type { Output } from './player.ts';

const MOST_WAITING = 512 * 1024;
/** Shorter pieces are joined: the copy is cheaper than a write. */
const WORTH_A_WRITE = 64 * 1024;

/** Writes some bytes, at least one, and says how many. */
export type Write = (
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** Writes to a descriptor beside the event loop; to a file at once, since that never blocks. */
export function asyncWriter(fd: number): Write {
  if (isFile(fd)) return syncWriter(fd);
  return (bytes, done) => {
    fs.write(fd, bytes, done);
  };
}

/**
 * Writes to a descriptor and waits: it needs neither a thread nor a copy. For callers with nothing else to
 * do.
 */
export function syncWriter(fd: number): Write {
  return (bytes, done) => {
    let written: number;
    try {
      written = fs.writeSync(fd, bytes);
    } catch (error) {
      done(error as NodeJS.ErrnoException, 0);
      return;
    }
    done(null, written);
  };
}

/** A regular file, or /dev/null. */
function isFile(fd: number): boolean {
  try {
    const stat = fs.fstatSync(fd);
    return stat.isFile() || (stat.isCharacterDevice() && stat.rdev === fs.statSync('/dev/null').rdev);
  } catch {
    return false;
  }
}

export interface StdoutOptions {
  /** They get the same bytes. There is room as long as each of them has some. */
  readonly copies?: readonly Stdout[];
  /** Called once if nothing more can be written. */
  readonly failed?: (error: NodeJS.ErrnoException) => void;
}

export class Stdout implements Output {
  readonly #write: Write;
  readonly #copies: readonly Stdout[];
  readonly #failed: ((error: NodeJS.ErrnoException) => void) | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing = false;
  #listeners: (() => void)[] = [];
  /**
   * Returns what is written instead of these bytes, in one write: the text between two paintings of the
   * status line.
   */
  frame: ((bytes: Buffer, endsLine: boolean) => Buffer) | undefined;
  /** The reader is gone: further output is dropped. */
  #gone = false;
  /** When something was written last, in milliseconds since the epoch. */
  wroteAt = Date.now();
  /** What was written last ended a line. */
  atLineStart = true;

  constructor(write: Write = asyncWriter(1), { copies = [], failed }: StdoutOptions = {}) {
    this.#write = write;
    this.#copies = copies;
    this.#failed = failed;
  }

  /** Nobody gets further output. */
  get closed(): boolean {
    return this.#gone && this.#copies.every(({ closed }) => closed);
  }

  get full(): boolean {
    return this.#waitingBytes > MOST_WAITING || this.#copies.some(({ full }) => full);
  }

  get idle(): boolean {
    return this.#ownIdle && this.#copies.every(({ idle }) => idle);
  }

  get #ownIdle(): boolean {
    return !this.#writing && this.#waitingBytes === 0;
  }

  write(bytes: Buffer): void {
    for (const copy of this.#copies) copy.write(bytes);
    if (this.#gone || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WORTH_A_WRITE) this.flush();
  }

  flush(): void {
    for (const copy of this.#copies) copy.flush();
    if (!this.#writing) this.#next();
  }

  /** Calls back once there is room again, or once everything is written. */
  onceDrained(listener: () => void): void {
    const busy =
      this.#copies.find(({ full }) => full) ?? (this.#ownIdle && this.#copies.find(({ idle }) => !idle));
    if (busy) busy.onceDrained(listener);
    else if (this.#ownIdle) setImmediate(listener);
    else this.#listeners.push(listener);
  }

  /** Waits until there is room again, or everything is written. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.onceDrained(resolve);
    });
  }

  /** Waits until everything is written. */
  async flushed(): Promise<void> {
    this.flush();
    while (!this.idle) await this.drained();
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#gone) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#notifyDrained();
      return;
    }
    this.#writing = true;
    const bytes = this.#take();
    this.atLineStart = bytes[bytes.length - 1] === 0x0a;
    const framed = this.frame?.(bytes, this.atLineStart) ?? bytes;
    this.#waitingBytes += framed.length - bytes.length;
    this.wroteAt = Date.now();
    this.#put(framed);
  }

  /** The next piece: one large one as it is, or small ones together. */
  #take(): Buffer {
    let count = 0;
    for (let size = 0; count < this.#waiting.length && size < WORTH_A_WRITE; count++)
      size += this.#waiting[count]!.length;
    const pieces = this.#waiting.splice(0, count);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  #put(bytes: Buffer): void {
    this.#write(bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        // Somebody has made it non-blocking.
        setTimeout(() => {
          this.#put(bytes);
        }, 5);
        return;
      }
      if (error) this.#fail(error);
      else if (written < bytes.length) {
        this.#waitingBytes -= written;
        this.#put(bytes.subarray(written));
        return;
      }
      this.#waitingBytes -= bytes.length;
      this.#writing = false;
      this.#next();
      if (this.#waitingBytes <= MOST_WAITING) this.#notifyDrained();
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#gone = true;
    this.#failed?.(error);
  }

  #notifyDrained(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
