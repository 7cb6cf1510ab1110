// The status line on a terminal: painted at most ten times a second, wiped before log text. Knows when to
// paint, not what. Tracks the colours that the surrounding text has switched on: the line is not painted in
// them, and they are restored after it.

import fs from 'node:fs';
import type { Stdout } from '../play/stdout.ts';

const PAINT_MS = 100;
/** Longest sequence of colours that is kept, in characters: some are never switched off. */
const MOST_COLOURS = 256;
const ESC = 0x1b;

export class StatusLine {
  readonly #text: (columns: number) => string;
  readonly #stdout: Stdout;
  readonly #shared: boolean;
  #painted = false;
  /** The sequences that switched on the colours at the end of the text. */
  #colours = '';
  #timer: NodeJS.Timeout | undefined;

  /** @param shared stdout is the terminal too: nothing is painted into an unfinished line of it. */
  constructor(stdout: Stdout, shared: boolean, text: (columns: number) => string) {
    this.#text = text;
    this.#stdout = stdout;
    this.#shared = shared;
    if (shared)
      stdout.beforeWrite = (bytes) => {
        this.wipe();
        this.#follow(bytes);
      };
    this.#timer = setInterval(() => {
      this.#paint();
    }, PAINT_MS);
    this.#timer.unref();
  }

  wipe(): void {
    if (!this.#painted) return;
    this.#painted = false;
    put(`\r\x1b[K${this.#colours}`);
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
    put(`${this.#colours === '' ? '' : '\x1b[0m'}\r${text}\x1b[K`);
    this.#painted = true;
  }

  /** Tracks which colours text that is written leaves on. */
  #follow(bytes: Buffer): void {
    if (!bytes.includes(ESC)) return;
    for (const [sequence, off] of bytes.toString('latin1').matchAll(/\x1b\[(?:(0*)|[\d;:]*)m/g))
      this.#colours = off === undefined ? (this.#colours + sequence).slice(-MOST_COLOURS) : '';
    // Never starts in the middle of a sequence.
    this.#colours = this.#colours.slice(Math.max(0, this.#colours.indexOf('\x1b')));
  }
}

function put(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // The terminal is gone, or is full for now: the next painting will do.
  }
}
