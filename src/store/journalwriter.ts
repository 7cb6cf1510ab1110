// Writes a build's journal: one JSON record per line, append-only (docs/journal-format.md).

import fs from 'node:fs';
import type { BuildEvent } from '../model/events.ts';
import { openPrivate, writeAll } from './privatefiles.ts';

/** Collects records and writes them with a single call. The recorder flushes at least every 50 ms. */
export class JournalWriter {
  readonly #fd: number;
  #waiting: string[] = [];

  /** @throws if the file cannot be created. */
  constructor(file: string) {
    this.#fd = openPrivate(file, 'ax');
  }

  append(event: BuildEvent): void {
    this.#waiting.push(JSON.stringify(event), '\n');
  }

  /** @throws if the disk is full. The collected records are then lost. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    writeAll(this.#fd, bytes);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}
