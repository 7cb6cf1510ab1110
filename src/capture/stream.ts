// One slot being read: its descriptor, its records cut out, and the tail of its text that may still turn out
// to be an echo.

import fs from 'node:fs';
import { Scanner, type Sink } from './protocol.ts';

/** What a FIFO holds at most, by default; an order of magnitude more with F_SETPIPE_SZ. */
const FIFO_ROOM = 1 << 20;

// One buffer for each depth of nested reading: draining a child's slot happens while the parent's chunk is
// being taken apart.
const buffers: Buffer[] = [];
let depth = 0;

export class Stream {
  readonly slot: string;
  readonly #fd: number;
  readonly #scanner: Scanner;
  readonly #sink: Sink;
  #busy = false;
  #rest: Buffer | undefined;
  /** Nobody has it open for writing any more, as far as the last read saw. */
  atEnd = false;

  /** @param fifo a FIFO, which need not have a writer yet. @throws where it is none, or cannot be opened. */
  constructor(slot: string, fifo: string, scanner: Scanner, sink: Sink) {
    this.slot = slot;
    this.#fd = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW);
    if (!fs.fstatSync(this.#fd).isFIFO()) {
      fs.closeSync(this.#fd);
      throw new Error(`${fifo}: not a FIFO`);
    }
    this.#scanner = scanner;
    this.#sink = sink;
  }

  /**
   * Reads what is there.
   * @param all until it is empty; else at most one full read, so that no stream starves the others.
   * @param enough asked after each record: true to leave the rest for the next call.
   * @returns the number of bytes that were dealt with: none of what has to wait.
   */
  read(all: boolean, enough?: () => boolean): number {
    // What waits for a record of this very stream comes after it; it is read when the record has been dealt
    // with.
    if (this.#busy) return 0;
    this.#busy = true;
    const buffer = (buffers[depth] ??= Buffer.allocUnsafe(256 * 1024));
    depth++;
    let total = 0;
    try {
      if (this.#rest) {
        const rest = this.#rest;
        this.#rest = undefined;
        total += rest.length;
        if (!this.#take(rest, enough)) return total - this.#waiting;
      }
      // Somebody who floods the FIFO must not keep us here: what was in it at first has been read after its
      // size.
      while (total < FIFO_ROOM) {
        let n: number;
        try {
          n = fs.readSync(this.#fd, buffer, 0, buffer.length, null);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
          this.atEnd = false;
          break;
        }
        this.atEnd = n === 0;
        if (n === 0) break;
        total += n;
        if (!this.#take(buffer.subarray(0, n), enough) || !all) break;
      }
    } finally {
      depth--;
      this.#busy = false;
    }
    return total - this.#waiting;
  }

  get #waiting(): number {
    return this.#rest?.length ?? 0;
  }

  /** Is it being read, further up the stack? Then what it still holds comes later. */
  get busy(): boolean {
    return this.#busy;
  }

  /** @returns false where it was enough, or has to wait. */
  #take(bytes: Buffer, enough: (() => boolean) | undefined): boolean {
    const rest = this.#scanner.push(bytes, this.#sink, enough);
    if (!rest) return !enough?.();
    this.#rest = Buffer.from(rest);
    return false;
  }

  /** The writers are gone: what is left of an unfinished record is text. */
  flush(): void {
    this.#scanner.flush(this.#sink);
  }

  /** The descriptor, for a process that is to go on reading. */
  get fd(): number {
    return this.#fd;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}
