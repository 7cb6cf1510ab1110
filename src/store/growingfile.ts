// A file to which another process appends. Nothing is read twice.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import type { GrowingBytes } from '../record/tail.ts';
import { openPlain, statOf } from './plainfile.ts';

/** It stays open once it was found, so that it is read to its end even if it is deleted meanwhile. */
export class GrowingFile implements GrowingBytes {
  readonly name: string;
  #fd: number | undefined;
  #at = 0;

  /** The file need not exist yet. */
  constructor(file: string) {
    this.name = file;
  }

  /** How much was read, in bytes, and the current size of the file. */
  get progress(): { readonly at: number; readonly size: number } {
    const { size = 0 } = this.#fd === undefined ? (statOf(this.name) ?? {}) : fs.fstatSync(this.#fd);
    return { at: this.#at, size };
  }

  /**
   * Opens the file, which must exist.
   * @throws Failure if that is not possible.
   */
  open(): void {
    try {
      this.#fd ??= openPlain(this.name);
    } catch (error) {
      throw new Failure(`${this.name}: ${reason(error)}`);
    }
  }

  /**
   * Reads the next bytes.
   * @returns how many; 0 if there are no more now, or no file.
   * @throws Failure if the file cannot be read.
   */
  read(into: Uint8Array): number {
    try {
      this.#fd ??= openPlain(this.name);
      const n = fs.readSync(this.#fd, into, 0, into.length, this.#at);
      this.#at += n;
      return n;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw new Failure(`${this.name}: ${reason(error)}`);
    }
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}
