// A pipe of the build itself into which loglin passes on what a job has written to its slots (`make | tee
// log`). Its reader gets the same bytes as without loglin, and its end of file as soon as nobody can write
// any more. Knows neither slots nor jobs.

import fs from 'node:fs';
import { hasReader } from '../store/running.ts';
import { isOurTerminal } from './terminal.ts';

/** The most bytes that wait for a slow reader before the writers have to wait too. */
const MOST_WAITING = 64 * 1024;
/** A relay has copied what it was given after this time, in milliseconds. */
const SETTLE_MS = 30;

export class Forward {
  readonly #fd: number;
  /** The FIFO of the relay that copies to the pipe. */
  readonly #relay: string | undefined;
  /** When something was last passed on, in milliseconds since the epoch. */
  #pushedAt = 0;
  /** Called when it is closed, before its reader can print something after that. */
  onClose: () => void = () => undefined;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #users = 0;
  #broken = false;
  #closed = false;

  private constructor(fd: number, relay?: string) {
    this.#fd = fd;
    this.#relay = relay;
  }

  /**
   * Opens a process' pipe anew, so that its flags there stay as they are.
   * @param inode tells the pipe from one of another process with that number.
   * @returns undefined if it is no longer there.
   */
  static open(pid: string, fd: 1 | 2, inode: string): Forward | undefined {
    if (!/^\d{1,10}$/.test(pid)) return undefined;
    let opened: number | undefined;
    try {
      const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = fs.constants;
      opened = fs.openSync(`/proc/${pid}/fd/${fd}`, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
      const stat = fs.fstatSync(opened, { bigint: true });
      // A file if a tool prints it itself, later; a terminal if a program of the build reads its other side.
      const isPiped =
        stat.isFIFO() || stat.isFile() || (stat.isCharacterDevice() && !isOurTerminal(stat.rdev));
      if (isPiped && String(stat.ino) === inode) return new Forward(opened);
    } catch {
      // The process has ended, or the reader has.
    }
    if (opened !== undefined) fs.closeSync(opened);
    return undefined;
  }

  /** Opens a FIFO from which a relay copies (relay.c). @returns undefined if there is none that reads. */
  static openRelay(fifo: string): Forward | undefined {
    const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
    try {
      const opened = fs.openSync(fifo, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
      if (fs.fstatSync(opened).isFIFO()) return new Forward(opened, fifo);
      fs.closeSync(opened);
    } catch {
      // The script goes on without it.
    }
    return undefined;
  }

  /** A slot passes on to it from now on. */
  use(): void {
    this.#users++;
  }

  /** A slot does so no longer. After the last one, the pipe is closed when all has been written. */
  release(): void {
    this.#users--;
    this.flush();
  }

  /** Passes bytes on. @param bytes may be used again by the caller. */
  push(bytes: Buffer): void {
    if (this.#broken || this.#closed) return;
    this.#pushedAt = Date.now();
    const written = this.#bytes === 0 ? this.#write(bytes) : 0;
    if (written === bytes.length || this.isBroken) return;
    this.#waiting.push(Buffer.from(bytes.subarray(written)));
    this.#bytes += bytes.length - written;
  }

  /** Writes what waits, as far as the reader takes it. */
  flush(): void {
    while (this.#bytes > 0 && !this.#broken) {
      const first = this.#waiting[0]!;
      const written = this.#write(first);
      this.#bytes -= written;
      if (written < first.length) {
        this.#waiting[0] = first.subarray(written);
        break;
      }
      this.#waiting.shift();
    }
    if (this.#users === 0 && this.#bytes === 0) this.close();
  }

  /** Writers have to wait, since the reader is slow. */
  get isFull(): boolean {
    return this.#bytes >= MOST_WAITING;
  }

  /** All that was passed on is in the pipe, or its reader is gone. */
  get isWritten(): boolean {
    if (this.#broken) return true;
    if (this.#bytes > 0) return false;
    if (this.#relay === undefined) return true;
    // The relay ends when it has copied all. It goes on if something else still writes to the slot.
    return this.#closed ? !hasReader(this.#relay) : Date.now() - this.#pushedAt > SETTLE_MS;
  }

  /** The reader is gone. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** All was written, and nobody uses it any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    fs.closeSync(this.#fd);
    this.onClose();
  }

  /** Removes the relay's FIFO. */
  remove(): void {
    if (this.#relay !== undefined) fs.rmSync(this.#relay, { force: true });
  }

  /** The descriptor, for a process that goes on passing on. */
  get fd(): number {
    return this.#fd;
  }

  #write(bytes: Buffer): number {
    let written = 0;
    try {
      while (written < bytes.length) written += fs.writeSync(this.#fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return written;
      this.#broken = true;
      this.#waiting = [];
      this.#bytes = 0;
    }
    return written;
  }
}
