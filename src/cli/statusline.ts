// The status line on a terminal, below the text: painted at most ten times a second, and in one write with
// the text that comes between, so that it neither blinks nor leaves anything behind. Knows when and where to
// paint, not what. Tracks the colours that the text has switched on: the line is not painted in them, and
// they are restored after it.
//
// If the text ends with a whole line, the rows take the place of the next one, with the cursor at the start
// of the first row: whatever a terminal makes of them when it is resized, everything from the cursor on is
// ours. Below an unfinished line they stand one row further down, and the cursor is put back (DECSC, DECRC)
// to where that line continues.

import fs from 'node:fs';
import type { Stdout } from '../play/stdout.ts';

const PAINT_MS = 100;
/** Longest sequence of colours that is kept, in characters: some are never switched off. */
const MOST_COLOURS = 256;
const ESC = 0x1b;

const SAVE = '\x1b7';
const RESTORE = '\x1b8';
/** The row below, and all others from there on. */
const ERASE_ROWS_BELOW = `${SAVE}\x1b[B\r\x1b[J${RESTORE}`;
/**
 * All from the cursor on. Not by one sequence: where the cursor is at the top, tmux takes `\x1b[J` for the
 * end of a screen, and puts what was there into its history.
 */
const ERASE_REST = `\x1b[K${ERASE_ROWS_BELOW}`;
const NO_COLOURS = '\x1b[0m';
/** Down by a row in the same column, and at the bottom the screen goes up (IND). */
const INDEX = '\x1bD';

export class StatusLine {
  readonly #rows: (columns: number) => readonly string[];
  readonly #stdout: Stdout;
  readonly #shared: boolean;
  /** How to erase what is painted, for another status line or for text in its place; '' if nothing is. */
  #erase = '';
  #eraseForText = '';
  /** The rows that are painted. */
  #painted = '';
  #latest: { at: number; columns: number; rows: readonly string[] } = { at: 0, columns: 0, rows: [] };
  #paused = false;
  /** The sequences that switched on the colours at the end of the text. */
  #colours = '';
  #timer: NodeJS.Timeout | undefined;
  readonly #onResize = (): void => {
    this.#repaint();
  };
  readonly #onSuspend = (): void => {
    this.#suspend();
  };
  readonly #onContinue = (): void => {
    if (this.#paused) process.on('SIGTSTP', this.#onSuspend);
    this.#paused = false;
    this.#repaint();
  };

  /**
   * @param rows what is to be seen now, for so many columns.
   * @param terminal `shared`: stdout is the same terminal; `suspends`: SIGTSTP (Ctrl-Z) stops this process,
   * since it was not ignored when it was started.
   */
  constructor(
    stdout: Stdout,
    rows: (columns: number) => readonly string[],
    { shared, suspends }: { readonly shared: boolean; readonly suspends: boolean },
  ) {
    this.#rows = rows;
    this.#stdout = stdout;
    this.#shared = shared;
    if (shared) stdout.frame = (bytes, endsLine) => this.#frame(bytes, endsLine);
    this.#timer = setInterval(() => {
      this.#repaint();
    }, PAINT_MS);
    this.#timer.unref();
    process.stderr.on('resize', this.#onResize);
    if (suspends) process.on('SIGTSTP', this.#onSuspend);
    process.on('SIGCONT', this.#onContinue);
  }

  /** Erases it, for a line that somebody else writes. */
  wipe(): void {
    if (this.#erase === '') return;
    put(this.#erase + this.#colours);
    this.#erase = '';
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stdout.frame = undefined;
    process.stderr.off('resize', this.#onResize);
    process.off('SIGTSTP', this.#onSuspend);
    process.off('SIGCONT', this.#onContinue);
    this.wipe();
  }

  #repaint(): void {
    if (this.#paused || (this.#shared && !this.#stdout.idle)) return;
    const old = this.#erase;
    const rows = this.#rowsNow();
    const place = !this.#shared || this.#stdout.atLineStart ? HERE : BELOW;
    const painted = paint(rows, place);
    if (painted === this.#painted && old !== '') return;
    const text = old + (old === '' && this.#colours !== '' ? NO_COLOURS : '') + painted;
    if (text === '') return;
    put(text);
    this.#remember(rows, place, painted);
  }

  /** The text between what erases the rows and what paints them anew. */
  #frame(text: Buffer, endsLine: boolean): Buffer {
    const before = this.#erase === '' ? '' : this.#eraseForText + this.#colours;
    this.#follow(text);
    const place = endsLine ? HERE : BELOW;
    const rows = this.#paused ? [] : this.#rowsNow();
    const painted = paint(rows, place);
    this.#remember(rows, place, painted);
    const after = (painted !== '' && this.#colours !== '' ? NO_COLOURS : '') + painted;
    return Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
  }

  /** Asked for with each write, and of a build with many jobs costly to make. */
  #rowsNow(): readonly string[] {
    const columns = process.stderr.columns || 80;
    const now = Date.now();
    const { at, columns: before, rows: last } = this.#latest;
    if (before === columns && now - at < PAINT_MS / 2) return last;
    const rows = this.#rows(columns);
    this.#latest = { at: now, columns, rows };
    return rows;
  }

  #remember(rows: readonly string[], place: Place, painted: string): void {
    this.#painted = painted;
    this.#erase = rows.length === 0 ? '' : place.erase;
    this.#eraseForText = place.eraseForText;
  }

  /** Ctrl-Z: nothing is left on the screen, and this process stops as it would without a handler. */
  #suspend(): void {
    this.#paused = true;
    this.wipe();
    // Without the handler, so that the shell sees by which signal.
    process.off('SIGTSTP', this.#onSuspend);
    process.kill(process.pid, 'SIGTSTP');
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

/** Where the rows stand, and what the cursor does for it. */
interface Place {
  readonly erase: string;
  readonly eraseForText: string;
  /** Before the first row; makes room for the rows first. @param count how many. */
  readonly begin: (count: number) => string;
  /** After the last row. */
  readonly end: (count: number) => string;
}

const up = (count: number): string => (count > 0 ? `\x1b[${count}A` : '');

const HERE: Place = {
  erase: `\r${ERASE_REST}`,
  eraseForText: `\r${ERASE_REST}`,
  begin: () => '\r',
  end: (count) => `${up(count - 1)}\r`,
};

const BELOW: Place = {
  erase: ERASE_ROWS_BELOW,
  // The user may have typed an answer and Enter: then the cursor stands in our first row.
  eraseForText: ERASE_REST,
  begin: (count) => `${INDEX.repeat(count)}${up(count)}${SAVE}\x1b[B\r`,
  end: () => RESTORE,
};

/**
 * The terminal may be narrower already than we know: what does not fit is cut, and no row goes on in the next
 * (DECAWM).
 */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';

function paint(rows: readonly string[], place: Place): string {
  if (rows.length === 0) return '';
  const text = rows.map((row) => `${row}\x1b[K`).join('\r\n');
  return place.begin(rows.length) + NO_WRAP + text + WRAP + place.end(rows.length);
}

function put(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // The terminal is gone, or is full for now: the next painting will do.
  }
}
