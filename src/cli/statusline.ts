// The status line on a terminal: painted at most ten times a second, wiped before log text. Knows when, not what it says; and which colours are on
// in the text that it comes between, so that it is not painted in them, and they are on again after it.

import fs from 'node:fs';
import type { Stdout } from '../play/stdout.ts';

const PAINT_MS = 100;
/** Of colours that are never switched off, so much is remembered. */
const MOST_COLOURS = 256;
const ESC = 0x1b;

export class StatusLine {
  readonly #text: (columns: number) => string;
  readonly #stdout: Stdout;
  readonly #shared: boolean;
  #painted = false;
  /** The sequences that switched on what is on where the text ends. */
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

  /** Text is written: which colours does it leave on? */
  #follow(bytes: Buffer): void {
    if (!bytes.includes(ESC)) return;
    for (const [sequence, off] of bytes.toString('latin1').matchAll(/\x1b\[(?:(0*)|[\d;:]*)m/g))
      this.#colours = off === undefined ? (this.#colours + sequence).slice(-MOST_COLOURS) : '';
    // Not from the middle of one on.
    this.#colours = this.#colours.slice(Math.max(0, this.#colours.indexOf('\x1b')));
  }
}

function put(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // The terminal has gone, or is full for now: the next line will do.
  }
}
