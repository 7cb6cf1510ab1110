// The look of a piece of a log: the parameters of an SGR sequence, as spans have them, become properties of
// CSS. Each colour is one that can be read in the theme, on the background that the log gave it. Pure.

import { type Rgb, hex, legible, mixed, rgb } from './colour.ts';

export type Theme = 'light' | 'dark';

/** Properties of an element's style; those that are not there are undefined. */
export interface Look {
  readonly color?: string;
  readonly backgroundColor?: string;
  readonly fontWeight?: string;
  readonly fontStyle?: string;
  readonly textDecoration?: string;
}

interface Palette {
  readonly page: Rgb;
  readonly text: Rgb;
  /** The 16 colours of a terminal. */
  readonly colours: readonly Rgb[];
}

const palette = (page: string, text: string, colours: string): Palette => ({
  page: rgb(page),
  text: rgb(text),
  colours: colours.split(' ').map(rgb),
});

/** `page` and `text` are --page and --text of tokens.css (a test compares them). */
export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: palette(
    '#ffffff',
    '#1c2128',
    '#24292f #c4262e #1a7f37 #8a6100 #0a5cad #8250a8 #1b7c83 #d0d7de ' +
      '#57606a #d1333b #218a40 #9a6f00 #1767c0 #9560bd #258b92 #ffffff',
  ),
  dark: palette(
    '#101216',
    '#dde1e7',
    '#2b2e36 #f2777a #8fc78f #e6c07b #7aa6da #c397d8 #70c0b1 #d5d8de ' +
      '#7d838f #ff9da4 #a9dba9 #f3d69b #9cc4f0 #dcb6ee #93d8cb #ffffff',
  ),
};

/** xterm's 256 colours from the sixteenth on: a cube, then greys. */
function eightBit(number: number, { colours }: Palette): Rgb | undefined {
  if (number < 16) return colours[number];
  if (number > 255) return undefined;
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10;
    return [grey, grey, grey];
  }
  const levels = [0, 95, 135, 175, 215, 255];
  const level = (unit: number): number => levels[Math.floor((number - 16) / unit) % 6]!;
  return [level(36), level(6), level(1)];
}

interface Attributes {
  fg: Rgb | undefined;
  bg: Rgb | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  struck: boolean;
  reverse: boolean;
  hidden: boolean;
}

const PLAIN: Attributes = {
  fg: undefined,
  bg: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  struck: false,
  reverse: false,
  hidden: false,
};

const SWITCHES: Readonly<Record<number, Partial<Attributes>>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  8: { hidden: true },
  9: { struck: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { reverse: false },
  28: { hidden: false },
  29: { struck: false },
  39: { fg: undefined },
  49: { bg: undefined },
};

/** `38;5;n`, `38;2;r;g;b` and the same with colons. @returns the colour, and the parameter after it. */
function extended(
  list: readonly number[],
  at: number,
  colours: Palette,
): readonly [colour: Rgb | undefined, next: number] {
  if (list[at] === 5) return [eightBit(list[at + 1] ?? 0, colours), at + 2];
  if (list[at] !== 2) return [undefined, list.length];
  const parts = [1, 2, 3].map((i) => Math.min(255, list[at + i] ?? 0)) as unknown as Rgb;
  return [parts, at + 4];
}

/** `38:2::r:g:b` has a colour space, mostly empty, that `38;2;r;g;b` has not. */
function numbersOf(style: string): number[] {
  return style
    .split(';')
    .map((part) => part.replace(/^([34]8:2):\d*:(\d*:\d*:\d*)/, '$1:$2'))
    .flatMap((part) => (/^[34]8:/.test(part) ? part.split(':') : [part.split(':')[0] ?? '']))
    .map(Number);
}

function attributes(style: string, colours: Palette): Attributes {
  const out = { ...PLAIN };
  const list = numbersOf(style);
  for (let i = 0; i < list.length; i++) {
    const code = list[i]!;
    const place = Math.floor(code / 10);
    if (code === 38 || code === 48) {
      const [colour, next] = extended(list, i + 1, colours);
      if (code === 38) out.fg = colour;
      else out.bg = colour;
      i = next - 1;
    } else if (SWITCHES[code]) Object.assign(out, SWITCHES[code]);
    else if (code % 10 < 8 && (place === 3 || place === 9))
      out.fg = colours.colours[(code % 10) + (place === 9 ? 8 : 0)];
    else if (code % 10 < 8 && (place === 4 || place === 10))
      out.bg = colours.colours[(code % 10) + (place === 10 ? 8 : 0)];
  }
  return out;
}

/** How a span of this style looks in this theme. */
export function lookOf(style: string, theme: Theme): Look {
  const colours = PALETTES[theme];
  const { fg, bg, bold, dim, italic, underline, struck, reverse, hidden } = attributes(style, colours);
  let front = fg;
  let back = bg;
  if (reverse) [front, back] = [bg ?? colours.page, fg ?? colours.text];
  const ground = back ?? colours.page;
  if (dim) front = mixed(front ?? colours.text, ground, 0.4);
  if (back && !front) front = colours.text;
  return {
    ...(hidden ? { color: 'transparent' } : front ? { color: hex(legible(front, ground)) } : {}),
    ...(back ? { backgroundColor: hex(back) } : {}),
    ...(bold ? { fontWeight: '600' } : {}),
    ...(italic ? { fontStyle: 'italic' } : {}),
    ...(underline || struck
      ? { textDecoration: [underline && 'underline', struck && 'line-through'].filter(Boolean).join(' ') }
      : {}),
  };
}

/** Spans have few different styles; a log that has many is not to fill the memory. */
const MOST_LOOKS = 5000;
const looks = new Map<string, Look>();

/** Like lookOf, but each look is worked out once. */
export function cachedLook(style: string, theme: Theme): Look {
  const key = `${theme}${style}`;
  let look = looks.get(key);
  if (!look) {
    look = lookOf(style, theme);
    if (looks.size >= MOST_LOOKS) looks.clear();
    looks.set(key, look);
  }
  return look;
}
