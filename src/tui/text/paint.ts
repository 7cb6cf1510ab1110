// Rows as bytes for a terminal. Only rows that have changed are painted. Each piece is put at its column, so
// that a character whose width the terminal sees differently moves only the text behind it in its own pane.
// Knows few sequences: those of all terminals since the VT100, and SGR.

import type { Frame, PlacedRow } from '../views/frame.ts';
import { type Row, rowWidth } from '../../documents/spans.ts';

/** How many colours a terminal has; 0: none are to be used. */
export type Colours = 0 | 8 | 16 | 256 | 'all';

/** Maps colours of the 256-colour table and of 24 bits to one of the first 8, 16 or 256. */
export interface Reduce {
  /** @param index 0 to 255. */
  readonly indexed: (index: number, total: number) => number;
  readonly rgb: (r: number, g: number, b: number) => number;
}

const at = (x: number, y: number): string => `\x1b[${y + 1};${x + 1}H`;
/** Text that has the same width on all terminals, including colour sequences. */
const ASCII = /^[\x1b -~]*$/;

export class Painter {
  readonly #colours: Colours;
  readonly #reduce: Reduce;
  readonly #styles = new Map<string, string>();
  #before: string[] = [];

  constructor(colours: Colours, reduce: Reduce) {
    this.#colours = colours;
    this.#reduce = reduce;
  }

  /** Discards the record of what was painted. */
  forget(): void {
    this.#before = [];
  }

  /** Returns the bytes that turn the last frame into this one; '' if they are equal. */
  paint(frame: Frame): string {
    let out = '';
    frame.rows.forEach((placed, y) => {
      const text = this.#row(placed, y);
      if (this.#before[y] === text) return;
      this.#before[y] = text;
      out += `${at(0, y)}\x1b[0m\x1b[K${text}`;
    });
    if (out !== '' || frame.cursor)
      out += frame.cursor ? `${at(frame.cursor.x, frame.cursor.y)}\x1b[?25h` : '\x1b[?25l';
    return out === '' ? '' : `\x1b[?25l${out}`;
  }

  #row(placed: readonly PlacedRow[], y: number): string {
    let text = '';
    for (const { x, row } of placed) text += (x === 0 ? '' : at(x, y)) + this.#spans(row, x, y);
    return text;
  }

  #spans(row: Row, x: number, y: number): string {
    let text = '';
    let current = '';
    for (const [i, { text: piece, style, pinned }] of row.entries()) {
      if (pinned && !ASCII.test(text)) text += at(x + rowWidth(row.slice(0, i)), y);
      const wanted = this.#style(style);
      if (wanted !== current) {
        text += wanted === '' ? '\x1b[0m' : `\x1b[0;${wanted}m`;
        current = wanted;
      }
      text += piece;
    }
    return current === '' ? text : `${text}\x1b[0m`;
  }

  #style(style: string): string {
    if (style === '') return '';
    let known = this.#styles.get(style);
    if (known === undefined) {
      known = reduced(style, this.#colours, this.#reduce);
      if (this.#styles.size > 5000) this.#styles.clear();
      this.#styles.set(style, known);
    }
    return known;
  }
}

/** Reduces a style to the available colours. */
export function reduced(style: string, colours: Colours, reduce: Reduce): string {
  const words = style.split(';');
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const code = Number(word);
    const extended = code === 38 || code === 48;
    if (!extended) {
      const colour = code >= 30 && code !== 39;
      if (!colour) out.push(word);
      else if (colours === 0) continue;
      // The bright colours. Grey would become black, so it is dropped to stay visible.
      else if (code >= 90 && colours === 8) out.push(...(code === 90 ? [] : [String(code - 60)]));
      else out.push(word);
      continue;
    }
    const rgb = words[i + 1] === '2';
    const numbers = words.slice(i + 2, i + (rgb ? 5 : 3)).map(Number);
    i += rgb ? 4 : 2;
    if (colours === 0) continue;
    if (rgb && colours === 'all') {
      out.push(String(code), '2', ...numbers.map(String));
      continue;
    }
    const [r = 0, g = 0, b = 0] = numbers;
    const index = rgb ? reduce.rgb(r, g, b) : r;
    if (colours === 'all' || colours === 256) out.push(String(code), '5', String(index));
    else {
      const few = index < colours ? index : reduce.indexed(index, colours);
      const base = code === 38 ? 30 : 40;
      if (code === 38 && few === 0 && !isBlack(index)) continue;
      out.push(String(few < 8 ? base + few : base + 60 + (few - 8)));
    }
  }
  return out.join(';');
}

/** Whether an index of the 256-colour table is black. */
function isBlack(index: number): boolean {
  return index === 0 || index === 16;
}

/**
 * Determines from the environment how many colours a terminal has. Whether colours are wanted is decided
 * elsewhere.
 */
export function coloursOf(env: Readonly<Record<string, string | undefined>>): Colours {
  const { TERM: term = '', COLORTERM: more = '' } = env;
  if (/^(truecolor|24bit)$/.test(more) || term.endsWith('-direct')) return 'all';
  if (term.includes('256color') || /^(alacritty|foot|xterm-kitty|xterm-ghostty)/.test(term)) return 256;
  if (/^(linux|vt|cons|screen$|tmux$)|-mono|-m$/.test(term)) return /^vt|-mono|-m$/.test(term) ? 0 : 8;
  return term.includes('16color') ? 16 : 8;
}
