// The status line on a terminal: painted at most ten times a second, wiped before log text. Knows when, not what it says.

import fs from 'node:fs';
import type { Stdout } from '../play/stdout.ts';

const PAINT_MS = 100;

export class StatusLine {
  readonly #text: (columns: number) => string;
  readonly #stdout: Stdout;
  readonly #shared: boolean;
  #painted = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param shared stdout is the terminal too: nothing is painted into an unfinished line of it. */
  constructor(stdout: Stdout, shared: boolean, text: (columns: number) => string) {
    this.#text = text;
    this.#stdout = stdout;
    this.#shared = shared;
    if (shared)
      stdout.beforeWrite = () => {
        this.wipe();
      };
    this.#timer = setInterval(() => {
      this.#paint();
    }, PAINT_MS);
    this.#timer.unref();
  }

  wipe(): void {
    if (!this.#painted) return;
    this.#painted = false;
    put('\r\x1b[K');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.wipe();
  }

  #paint(): void {
    if (this.#shared && !(this.#stdout.idle && this.#stdout.atLineStart)) return;
    const text = this.#text(process.stderr.columns || 80);
    if (text === '') return;
    put(`\r${text}\x1b[K`);
    this.#painted = true;
  }
}

function put(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // The terminal has gone, or is full for now: the next line will do.
  }
}
