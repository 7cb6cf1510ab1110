// Writing to stdout without ever holding the build up: writes happen beside the event loop, one at a time, and what cannot be taken yet
// is asked for later. Survives a reader that goes away.

import fs from 'node:fs';
import type { Output } from './player.ts';

const MOST_WAITING = 512 * 1024;

/** Writes some bytes, at least one, and says how many. */
export type Write = (
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** Writes to a descriptor. */
export function toDescriptor(fd: number): Write {
  return (bytes, done) => {
    fs.write(fd, bytes, done);
  };
}

export class Stdout implements Output {
  readonly #write: Write;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing = false;
  #listeners: (() => void)[] = [];
  /** Called before a write, when none is under way: the status line is wiped there. */
  beforeWrite: (() => void) | undefined;
  /** The reader has gone: what comes is dropped. */
  closed = false;
  /** What was written last ended a line. */
  atLineStart = true;

  constructor(write: Write = toDescriptor(1)) {
    this.#write = write;
  }

  get full(): boolean {
    return this.#waitingBytes > MOST_WAITING;
  }

  get idle(): boolean {
    return !this.#writing && this.#waitingBytes === 0;
  }

  write(bytes: Buffer): void {
    if (this.closed || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#writing) this.#next();
  }

  /** Calls back once there is room again, or once everything is written. */
  onceDrained(listener: () => void): void {
    if (this.idle) setImmediate(listener);
    else this.#listeners.push(listener);
  }

  /** Waits until everything is written. */
  async flushed(): Promise<void> {
    while (!this.idle)
      await new Promise<void>((resolve) => {
        this.onceDrained(resolve);
      });
  }

  #next(): void {
    const first = this.#waiting[0];
    if (!first || this.closed) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#tell();
      return;
    }
    this.#writing = true;
    this.beforeWrite?.();
    const bytes = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.atLineStart = bytes[bytes.length - 1] === 0x0a;
    this.#put(bytes);
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
      if (error) this.closed = true;
      else if (written < bytes.length) {
        this.#waitingBytes -= written;
        this.#put(bytes.subarray(written));
        return;
      }
      this.#waitingBytes -= bytes.length;
      this.#writing = false;
      this.#next();
      if (!this.full) this.#tell();
    });
  }

  #tell(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
