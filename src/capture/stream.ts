// Reads one slot or the control FIFO: its descriptor, and the scanner that cuts out its records.

import fs from 'node:fs';
import { Scanner, type Sink } from './framing.ts';

/** The most bytes that a FIFO can hold, with F_SETPIPE_SZ. */
const FIFO_ROOM = 1 << 20;
/** The bytes that it holds by default: a read of as many has found it full. */
const DEFAULT_ROOM = 1 << 16;

// One buffer for each depth of nested reading: a child's slot is drained while a chunk of the parent is being
// scanned.
const buffers: Buffer[] = [];
let depth = 0;

export class Stream {
  readonly slot: string;
  readonly #fd: number;
  readonly #scanner: Scanner;
  readonly #sink: Sink;
  #busy = false;
  #rest: Buffer | undefined;
  /** At the last read nobody had it open for writing. */
  atEnd = false;
  #closed = false;
  /** Called when it was full for the first time. */
  onFull: (() => void) | undefined;

  /** @param fifo a FIFO, which need not have a writer yet. @throws if it is no FIFO, or cannot be opened. */
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
   * Reads the bytes that have come.
   * @param all until it is empty; else at most one full read, so that no stream starves the others.
   * @param enough asked after each record: true to leave the rest for the next call.
   * @returns the number of bytes that were dealt with, without those that have to wait.
   */
  read(all: boolean, enough?: () => boolean): number {
    // A record of this stream is being dealt with, further up the stack. What follows it is read afterwards.
    if (this.#busy || this.#closed) return 0;
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
      // A writer that floods the FIFO must not keep us here: after as many bytes as a FIFO holds, all that
      // was there at first has been read.
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
        if (n >= DEFAULT_ROOM && this.onFull) this.#full();
        if (!this.#take(buffer.subarray(0, n), enough) || !all) break;
      }
    } finally {
      depth--;
      this.#busy = false;
    }
    return total - this.#waiting;
  }

  #full(): void {
    const { onFull } = this;
    this.onFull = undefined;
    onFull?.();
  }

  get #waiting(): number {
    return this.#rest?.length ?? 0;
  }

  /** Is the stream being read, further up the stack? Then the rest of it comes later. */
  get busy(): boolean {
    return this.#busy;
  }

  /** @returns false if it was enough, or has to wait. */
  #take(bytes: Buffer, enough: (() => boolean) | undefined): boolean {
    const rest = this.#scanner.push(bytes, this.#sink, enough);
    if (!rest) return !enough?.();
    this.#rest = Buffer.from(rest);
    return false;
  }

  /** Ends the stream when its writers are gone: an unfinished record is text. */
  flush(): void {
    this.#scanner.flush(this.#sink);
  }

  /** The descriptor, for a process that goes on reading. */
  get fd(): number {
    return this.#fd;
  }

  /** Closes it: whoever still writes to it gets SIGPIPE. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.atEnd = true;
    fs.closeSync(this.#fd);
  }

  get isClosed(): boolean {
    return this.#closed;
  }
}
