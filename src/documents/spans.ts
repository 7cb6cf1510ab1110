// Styled text, of which the screen's rows and coloured lines of logs consist. A style is the parameters of an
// SGR sequence (ECMA-48, 8.3.117) as they appear in a log, so that colours need no table here. Knows columns,
// but not what a terminal can show.

import { displayWidth } from '../render/width.ts';

/** A piece of text in one style: `''`, `1;31`, `38;5;208`. No control characters. */
export interface Span {
  readonly text: string;
  readonly style: string;
  /**
   * The piece stays at its column even if the terminal takes the text before it for wider or narrower than
   * measured here.
   */
  readonly pinned?: true;
}

export type Row = readonly Span[];

export const span = (text: string, style = ''): Span => ({ text, style });

/** Makes a row begin at its column, whatever precedes it. */
export function pinned(row: Row): Span[] {
  return row.map((one, i) => (i === 0 ? { ...one, pinned: true } : one));
}

/** Combines two styles. */
function styled(style: string, more: string): string {
  return style === '' ? more : more === '' ? style : `${style};${more}`;
}

const ASCII = /^[ -~]*$/;
const TAB = 8;

/** How many columns a text takes. */
export function textWidth(text: string): number {
  return ASCII.test(text) ? text.length : displayWidth(text);
}

export function rowWidth(row: Row): number {
  let width = 0;
  for (const { text } of row) width += textWidth(text);
  return width;
}

let segmenter: Intl.Segmenter | undefined;

/** A cache, since measuring a grapheme takes longer than finding it, and a text has few different ones. */
const widths = new Map<string, number>();
const MOST_WIDTHS = 5000;

function graphemeWidth(segment: string): number {
  let width = widths.get(segment);
  if (width === undefined) {
    width = displayWidth(segment);
    if (widths.size >= MOST_WIDTHS) widths.clear();
    widths.set(segment, width);
  }
  return width;
}

/** Splits a text into the units that a cursor moves over, with the columns of each. */
export function* graphemes(text: string): Generator<{ readonly segment: string; readonly width: number }> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield { segment, width: graphemeWidth(segment) };
}

/** Returns the columns of a row from `from` to `to`. A wide character that is cut in two becomes blanks. */
export function slice(row: Row, from: number, to: number): Span[] {
  return slices(row, [[from, to]])[0]!;
}

/**
 * Like slice, for several stretches of a row that may be long. They are in order and do not overlap, so one
 * pass is enough.
 */
export function slices(row: Row, stretches: readonly (readonly [from: number, to: number])[]): Span[][] {
  const out = stretches.map((): Span[] => []);
  let next = 0;
  let at = 0;
  /** Takes the part of a character or an ASCII text that is in the stretches. */
  const take = (width: number, part: (from: number, to: number, into: Span[]) => void): void => {
    const start = at;
    at += width;
    for (let i = next; i < stretches.length && stretches[i]![0] < at; i++) {
      const [from, to] = stretches[i]!;
      if (to > start) part(Math.max(from, start) - start, Math.min(to, at) - start, out[i]!);
      if (to <= at) next = i + 1;
    }
  };
  for (const { text, style } of row) {
    if (next >= stretches.length) break;
    if (ASCII.test(text)) {
      take(text.length, (from, to, into) => into.push({ text: text.slice(from, to), style }));
      continue;
    }
    let piece = '';
    let pieceOf: Span[] | undefined;
    const flush = (): void => {
      if (piece !== '') pieceOf?.push({ text: piece, style });
      piece = '';
    };
    for (const { segment, width } of graphemes(text)) {
      take(width, (from, to, into) => {
        if (into !== pieceOf) flush();
        pieceOf = into;
        piece += to - from === width ? segment : ' '.repeat(to - from);
      });
      if (next >= stretches.length) break;
    }
    flush();
  }
  return out;
}

/** Cuts a row or pads it with blanks to a number of columns. */
export function fit(row: Row, columns: number, style = ''): Span[] {
  const width = rowWidth(row);
  const out = width > columns ? slice(row, 0, columns) : [...row];
  const missing = columns - (width > columns ? rowWidth(out) : width);
  if (missing > 0) out.push({ text: ' '.repeat(missing), style });
  return out;
}

/** Adds a style to all of a row. */
export function restyled(row: Row, style: string): Span[] {
  return row.map((one) => ({ ...one, style: styled(one.style, style) }));
}

/** Splits a text into pieces of at most so many columns, anywhere but inside a character. */
function pieces(text: string, columns: number): string[] {
  if (columns < 2) return [text];
  const out: string[] = [];
  let piece = '';
  let taken = 0;
  for (const { segment, width } of graphemes(text)) {
    if (taken + width > columns && piece !== '') {
      out.push(piece);
      piece = '';
      taken = 0;
    }
    piece += segment;
    taken += width;
  }
  return [...out, piece];
}

/** Splits a text into lines at blanks; words that are too long are split anywhere. */
export function folded(text: string, columns: number): string[] {
  const out: string[] = [];
  let line = '';
  const add = (word: string): void => {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > columns) {
      out.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  };
  for (const word of text.split(' ')) {
    for (const piece of pieces(word, columns)) add(piece);
  }
  return [...out, line];
}

export function rowText(row: Row): string {
  return row.map(({ text }) => text).join('');
}

/** Converts a range of a row's text from characters to columns. */
export function columnsOf(row: Row, from: number, to: number): readonly [number, number] {
  const text = rowText(row);
  const start = textWidth(text.slice(0, from));
  return [start, start + textWidth(text.slice(from, to))];
}

/** Adds a style to ranges of a row's text. The ranges are in characters and in order. */
export function highlighted(row: Row, ranges: readonly (readonly [number, number])[], style: string): Span[] {
  if (ranges.length === 0) return [...row];
  const out: Span[] = [];
  let base = 0;
  let next = 0;
  for (const one of row) {
    const end = base + one.text.length;
    let at = base;
    for (; next < ranges.length; next++) {
      const [from, to] = ranges[next]!;
      if (from >= end) break;
      if (from > at) out.push({ text: one.text.slice(at - base, from - base), style: one.style });
      const stop = Math.min(to, end);
      const start = Math.max(from, at);
      if (stop > start)
        out.push({ text: one.text.slice(start - base, stop - base), style: styled(one.style, style) });
      at = Math.max(at, stop);
      if (to > end) break;
    }
    if (at < end) out.push({ text: one.text.slice(at - base), style: one.style });
    base = end;
  }
  return out;
}

/** Characters that would move the text around them: bidi controls, line separators. */
const MOVING = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const COLOUR = /\x1b\[([\d;:]*)m/g;
const OTHER_CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/**
 * Converts a line of sanitised text (render/sanitize.ts) to spans. Colour sequences become styles, tabs
 * become blanks up to the next multiple of eight columns. Each line begins without a colour.
 * @param keepTabs tabs stay as they are.
 */
export function parseLine(text: string, keepTabs = false): Span[] {
  if (ASCII.test(text)) return text === '' ? [] : [{ text, style: '' }];
  const out: Span[] = [];
  let state = EMPTY;
  let style = '';
  let column = 0;
  const tabs = !keepTabs && text.includes('\t');
  const add = (piece: string): void => {
    let clean = piece.replace(MOVING, '');
    if (tabs && clean.includes('\t')) {
      const parts = clean.split('\t');
      clean = parts[0] ?? '';
      for (const part of parts.slice(1)) {
        const width = textWidth(clean.replace(OTHER_CONTROLS, ''));
        clean += ' '.repeat(TAB - ((column + width) % TAB)) + part;
      }
    }
    clean = clean.replace(OTHER_CONTROLS, '');
    if (clean === '') return;
    if (tabs) column += textWidth(clean);
    out.push({ text: clean, style });
  };
  let at = 0;
  for (const match of text.matchAll(COLOUR)) {
    if (match.index > at) add(text.slice(at, match.index));
    at = match.index + match[0].length;
    state = applied(state, match[1] ?? '');
    style = [...state.flags, state.fg, state.bg].filter((part) => part !== '').join(';');
  }
  if (at < text.length) add(text.slice(at));
  return out;
}

interface Colours {
  readonly fg: string;
  readonly bg: string;
  readonly flags: readonly string[];
}

const EMPTY: Colours = { fg: '', bg: '', flags: [] };
/** The parameters that turn attributes off. */
const OFF: Readonly<Record<string, readonly string[]>> = {
  '22': ['1', '2'],
  '23': ['3'],
  '24': ['4'],
  '27': ['7'],
  '29': ['9'],
};

/** Applies a colour sequence to the previous colours. Blinking, hidden text and the like are dropped. */
function applied(before: Colours, parameters: string): Colours {
  let { fg, bg, flags } = before;
  const words = parameters.split(';');
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const [code = ''] = word.split(':');
    if (code === '38' || code === '48') {
      const [colour, used] = extended(words, i);
      i += used;
      if (colour === undefined) continue;
      if (code === '38') fg = `38;${colour}`;
      else bg = `48;${colour}`;
    } else if (code === '' || code === '0' || code === '00') ({ fg, bg, flags } = EMPTY);
    else if (/^0?[123479]$/.test(code)) {
      const flag = String(Number(code));
      // Underlines have kinds: 4:0 means none.
      if (word === '4:0') flags = flags.filter((one) => one !== '4');
      else if (!flags.includes(flag)) flags = [...flags, flag];
    } else if (OFF[code]) flags = flags.filter((one) => !OFF[code]!.includes(one));
    else if (/^(?:3[0-7]|9[0-7])$/.test(code)) fg = code;
    else if (/^(?:4[0-7]|10[0-7])$/.test(code)) bg = code;
    else if (code === '39') fg = '';
    else if (code === '49') bg = '';
  }
  return { fg, bg, flags };
}

/**
 * Parses the rest of 38;5;n, 38;2;r;g;b, 38:5:n or 38:2::r:g:b. Also returns how many further words it takes.
 */
function extended(words: readonly string[], at: number): readonly [string | undefined, number] {
  const parts = (words[at] ?? '').split(':');
  const numbers = (list: readonly (string | undefined)[]): string | undefined =>
    list.every((n) => n !== undefined && /^\d{1,3}$/.test(n)) ? list.join(';') : undefined;
  if (parts.length > 1)
    return [parts[1] === '5' ? numbers(['5', parts[2]]) : numbers(['2', ...parts.slice(-3)]), 0];
  if (words[at + 1] === '5') return [numbers(['5', words[at + 2]]), 2];
  if (words[at + 1] === '2') return [numbers(['2', words[at + 2], words[at + 3], words[at + 4]]), 4];
  return [undefined, 0];
}
