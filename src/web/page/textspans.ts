// Lines as pieces: spans that are cut where a match begins or ends. Pure.

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

/** The text of a line. */
export function textOf(spans: readonly TextSpan[]): string {
  return spans.map(([text]) => text).join('');
}
