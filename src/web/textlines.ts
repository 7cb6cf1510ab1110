// A line of a document as spans of styled text, as the page shows it.

import type { Document, DocumentLine } from '../documents/document.ts';
import { rangesIn } from '../documents/find.ts';
import { type Row, parseLine } from '../documents/spans.ts';
import { EchoedCommands, commandAt } from '../render/echoed.ts';
import { highlightLine } from '../render/highlight.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { Line, TextSpan } from './protocol.ts';

/** Longer lines are not coloured, in characters. */
const LONGEST = 8192;

export class TextLines {
  readonly #commands = new EchoedCommands();

  /**
   * @param number its number in the document, if that is known.
   * @param longest the line is cut after so many characters.
   */
  line(
    line: DocumentLine,
    number: number | undefined,
    pattern: SearchPattern | undefined,
    longest = Infinity,
  ): Line {
    const { start, next, mark, continued, target, origin } = line;
    const row = parseLine(this.#coloured(line), true);
    const matches = pattern && rangesIn(pattern, line, row, true).flat();
    const job = origin?.job ?? target?.job;
    const byte = origin?.at ?? target?.at;
    const { file } = target ?? {};
    return {
      offset: start,
      next,
      spans: cut(row, longest),
      ...(mark && { mark }),
      ...(continued && { continued }),
      ...(number === undefined ? {} : { number }),
      ...(job && { job: job.id }),
      ...(byte === undefined ? {} : { byte }),
      ...(file === undefined
        ? {}
        : {
            file: {
              name: file,
              ...(target?.line === undefined ? {} : { line: target.line }),
              ...(target?.column === undefined ? {} : { column: target.column }),
            },
          }),
      ...(matches && matches.length > 0 ? { matches } : {}),
    };
  }

  /** Colours a line of a log whose program wrote no colours. */
  #coloured({ text, origin, mark }: DocumentLine): string {
    if (!origin || mark || text.length > LONGEST || text.includes('\x1b')) return text;
    const latin1 = /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
    const command = commandAt(latin1, 0, latin1.length, this.#commands.of(origin.job)) !== undefined;
    return highlightLine(text, command);
  }
}

function cut(row: Row, longest: number): TextSpan[] {
  const out: TextSpan[] = [];
  let room = longest;
  for (const { text, style } of row) {
    if (room <= 0) break;
    out.push([text.length > room ? text.slice(0, room) : text, style]);
    room -= text.length;
  }
  return out;
}

/** The lines before and from a position on. */
export function linesAround(
  document: Document,
  start: number,
  before: number,
  after: number,
): { readonly list: readonly DocumentLine[]; readonly at: number } {
  const list: DocumentLine[] = [];
  let first = start;
  let above = 0;
  for (; above < before; above++) {
    const previous = document.before(first);
    if (previous === undefined) break;
    first = previous;
  }
  let at = first;
  while (list.length < above + after) {
    const line = document.at(at);
    if (!line) break;
    list.push(line);
    at = line.next;
  }
  return { list, at: Math.min(above, Math.max(0, list.length - 1)) };
}
