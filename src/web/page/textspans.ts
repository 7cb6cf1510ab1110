// Lines as pieces: spans that are cut where a match begins or ends, and what of a long line is drawn. Pure.

import type { TextSpan } from '../protocol.ts';

export interface Piece {
  readonly text: string;
  readonly style: string;
  readonly match: boolean;
}

/** @param matches from, to, from, to, … in characters of the line, in order. */
export function piecesOf(spans: readonly TextSpan[], matches: readonly number[] = []): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const [text, style] of spans) {
    const end = at + text.length;
    let from = at;
    while (from < end) {
      while (next < matches.length && matches[next + 1]! <= from) next += 2;
      const start = matches[next] ?? Infinity;
      const match = from >= start;
      const to = Math.min(end, match ? matches[next + 1]! : start);
      out.push({ text: text.slice(from - at, to - at), style, match });
      from = to;
    }
    at = end;
  }
  return out;
}

/** So much of a line is drawn, in characters; and as much again around its matches. */
export const MOST_DRAWN = 8192;
/** Drawn on each side of a match. */
const BESIDE = 256;

/** What of a line is not drawn, in characters. */
export interface Hidden {
  readonly hidden: number;
}

/** What of a line is drawn: its beginning, and what is around its matches. */
export function drawn(pieces: readonly Piece[]): (Piece | Hidden)[] {
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= MOST_DRAWN) return [...pieces];
  const whole = pieces.map(({ text }) => text).join('');
  const out: (Piece | Hidden)[] = [];
  const stretches = stretchesOf(pieces).map(([from, to]) => [pairStart(whole, from), pairStart(whole, to)]);
  let done = 0;
  for (const [from = 0, to = 0] of [...stretches, [length, length]]) {
    if (from > done) out.push({ hidden: from - done });
    let at = 0;
    for (const piece of pieces) {
      const text = piece.text.slice(Math.max(0, from - at), Math.max(0, to - at));
      if (text !== '') out.push({ ...piece, text });
      at += piece.text.length;
      if (at >= to) break;
    }
    done = to;
  }
  return out;
}

/** From where to where the text is drawn, in order. */
function stretchesOf(pieces: readonly Piece[]): [number, number][] {
  let last: [number, number] = [0, MOST_DRAWN];
  const all = [last];
  let room = MOST_DRAWN;
  let at = 0;
  for (const { text, match } of pieces) {
    const end = at + text.length;
    if (match && end > last[1]) {
      const from = Math.max(last[1], at - BESIDE);
      const to = Math.min(end + BESIDE, from + room);
      if (to <= from) break;
      room -= to - from;
      if (from === last[1]) last[1] = to;
      else all.push((last = [from, to]));
    }
    at = end;
  }
  return all;
}

/** A place that is not within a character of two. */
function pairStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** The text of a line. */
export function textOf(spans: readonly TextSpan[]): string {
  return spans.map(([text]) => text).join('');
}
