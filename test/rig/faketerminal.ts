// A terminal without a window: takes the few sequences that the browser writes, and fails at any other byte
// that could move something. For tests that run the browser in their own process; the tests in tmux
// check that real terminals agree.

import { PassThrough, Writable } from 'node:stream';
import type { Output } from '../../src/tui/screen.ts';
import { displayWidth } from '../../src/render/width.ts';

const SEQUENCE = /\x1b\[(\??)([\d;]*)([A-Za-z])|\x1b\]52;c;[\w+/=]*\x07|\x1b(?:>|\(B\x0f)/y;
const segmenter = new Intl.Segmenter();

export class FakeTerminal {
  readonly input = new PassThrough() as unknown as NodeJS.ReadStream & PassThrough;
  readonly output: Output;
  /** Sequences that should not have been written. */
  readonly complaints: string[] = [];
  /** Texts put into its clipboard, in order. */
  readonly copied: string[] = [];
  /** The modes that are on: `?1049`. */
  readonly modes = new Set<string>();
  raw = false;
  /** Output written while a process ends is dropped. */
  fd = -1;
  columns: number;
  rows: number;
  #grid: string[][] = [];
  #x = 0;
  #y = 0;

  /** @param widthOf the width that it gives a character. */
  constructor(
    columns: number,
    rows: number,
    readonly widthOf = displayWidth,
  ) {
    this.columns = columns;
    this.rows = rows;
    Object.assign(this.input, {
      isTTY: true,
      setRawMode: (on: boolean) => {
        this.raw = on;
      },
    });
    const output = new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        this.#take(chunk.toString());
        done();
      },
    });
    Object.defineProperties(output, {
      fd: { get: () => this.fd },
      isTTY: { value: true },
      columns: { get: () => this.columns },
      rows: { get: () => this.rows },
    });
    this.output = output as unknown as Output;
  }

  /** The typed keys. */
  type(bytes: string): void {
    this.input.write(bytes);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.output.emit('resize');
  }

  text(): string {
    return this.cells()
      .map((row) => row.join('').trimEnd())
      .join('\n');
  }

  /** By row and column; '' after a wide character. */
  cells(): string[][] {
    return Array.from({ length: this.rows }, (_, y) =>
      Array.from({ length: this.columns }, (_, x) => this.#grid[y]?.[x] ?? ' '),
    );
  }

  #take(text: string): void {
    for (let at = 0; at < text.length;) {
      if (text[at] === '\x1b') {
        SEQUENCE.lastIndex = at;
        const match = SEQUENCE.exec(text);
        if (!match) {
          this.#complain(`unknown sequence ${JSON.stringify(text.slice(at, at + 20))}`);
          return;
        }
        this.#sequence(match);
        at = SEQUENCE.lastIndex;
        continue;
      }
      const end = text.indexOf('\x1b', at);
      this.#put(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    }
  }

  #sequence([whole, mark = '', parameters = '', final]: RegExpExecArray): void {
    const clipboard = /^\x1b\]52;c;(.*)\x07$/.exec(whole)?.[1];
    if (clipboard !== undefined) this.copied.push(Buffer.from(clipboard, 'base64').toString());
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (mark === '?' && (final === 'h' || final === 'l')) {
      if (final === 'h') this.modes.add(`?${parameters}`);
      else this.modes.delete(`?${parameters}`);
    } else if (final === 'H') [this.#y, this.#x] = [Math.max(0, first - 1), Math.max(0, second - 1)];
    else if (final === 'G') this.#x = first - 1;
    else if (final === 'K') this.#grid[this.#y] = (this.#grid[this.#y] ?? []).slice(0, this.#x);
    else if (final === 'J') this.#grid = [];
    else if (final !== undefined && !/[mr]|^4l$/.test(parameters + final))
      this.#complain(`sequence ${JSON.stringify(whole)}`);
    if ((final === 'H' || final === 'G') && (this.#x >= this.columns || this.#y >= this.rows))
      this.#complain(`the cursor at ${this.#x},${this.#y} of ${this.columns}x${this.rows}`);
  }

  #put(text: string): void {
    if (/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(text))
      this.#complain(`control character in ${JSON.stringify(text)}`);
    const row = (this.#grid[this.#y] ??= []);
    for (const { segment } of segmenter.segment(text)) {
      const width = this.widthOf(segment);
      if (width === 0) continue;
      row[this.#x] = segment;
      for (let i = 1; i < width; i++) row[this.#x + i] = '';
      this.#x += width;
    }
    if (this.#x > this.columns && this.widthOf === displayWidth)
      this.#complain(`row ${this.#y} is ${this.#x} wide, of ${this.columns}: ${JSON.stringify(text)}`);
  }

  #complain(what: string): void {
    if (this.complaints.length < 20) this.complaints.push(what);
  }
}
