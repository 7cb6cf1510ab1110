// Searches one log: chunks in, matching lines out, with their numbers and the lines around them. Complete
// chunks are searched, and single lines are examined only where something was found. Knows no file, no job,
// and not how a line is printed.

import { isAscii, isUtf8 } from 'node:buffer';
import type { LogChunk } from '../record/chunks.ts';
import type { SearchPattern } from './pattern.ts';
import { cleaned, decode } from './text.ts';

export interface SearchOptions {
  /** Selects the lines that do not match. */
  readonly invert?: boolean | undefined;
  /** How many lines before and after each match to return as well. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** The search ends after this many matching lines. */
  readonly most?: number | undefined;
  /** Line numbers are not needed: each is 0. */
  readonly unnumbered?: boolean | undefined;
}

/** A matching line, or one next to it. */
export interface FoundLine {
  /** From 1. */
  readonly number: number;
  /** The bytes as text with one character per byte, where that is known already. */
  readonly latin1?: string;
  /**
   * The line without its newline, as returned by cleaned(). If it is too long for one chunk, only a part of
   * it. Valid until the next line is requested.
   */
  readonly bytes: Buffer;
  readonly match: boolean;
  /**
   * For a match, the offset in the log at which its line starts; of a line too long for one chunk, that of
   * the part in which it was found.
   */
  readonly at?: number;
}

const NEWLINE = 0x0a;
const CR = 0x0d;
/**
 * When a line arrives in parts, this much of each part is searched again together with the next one, so that
 * no match is missed at the cut.
 */
const OVERLAP = 4096;
/** From one matching line in so many bytes on, the expression is faster than looking for its literal. */
const DENSE = 4096;

/** Searches one log. */
export function* searchLog(
  chunks: Iterable<LogChunk>,
  pattern: SearchPattern,
  options: SearchOptions = {},
): Generator<FoundLine, void> {
  for (const found of searchInSlices(chunks, pattern, options)) if (found) yield found;
}

/** Like searchLog, and yields undefined after each chunk. */
export function* searchInSlices(
  chunks: Iterable<LogChunk>,
  pattern: SearchPattern,
  options: SearchOptions = {},
): Generator<FoundLine | undefined, void> {
  const search = new LogSearch(pattern, options);
  let base = 0;
  for (const chunk of chunks) {
    const { length } = chunk.bytes;
    yield* chunk.kind === 'lines' ? search.lines(chunk.bytes, base) : search.part(chunk, base);
    if (search.done) return;
    base += length;
    yield undefined;
  }
}

/** Yields the offsets of the lines that match, as they are after `cleaned`. @param raw complete lines. */
export function* matchingLines(raw: Buffer, pattern: SearchPattern): Generator<number, void> {
  const bytes = cleaned(raw);
  const lines = new RawLines(raw, bytes);
  for (const from of matching(bytes, pattern)) yield lines.at(from);
}

/** Finds the lines of a text in the bytes before they were cleaned, from the first to the last. */
class RawLines {
  readonly #raw: Buffer;
  readonly #bytes: Buffer;
  /** The starts of the same line. */
  #rawAt = 0;
  #at = 0;

  constructor(raw: Buffer, bytes: Buffer) {
    this.#raw = raw;
    this.#bytes = bytes;
  }

  /** @param from the start of a line, not before that of the last call. */
  at(from: number): number {
    if (this.#raw === this.#bytes) return from;
    for (; this.#at < from; this.#at = lineEnd(this.#bytes, this.#at))
      this.#rawAt = lineEnd(this.#raw, this.#rawAt);
    return this.#rawAt;
  }
}

/** A match in a text with one character per byte, whose bytes are cut out when they are asked for. */
class TextLine implements FoundLine {
  readonly number: number;
  readonly match = true;
  readonly at: number;
  readonly #text: string;
  readonly #from: number;
  readonly #end: number;
  readonly #of: Buffer;

  constructor(number: number, text: string, from: number, end: number, of: Buffer, base: number) {
    this.number = number;
    this.#text = text;
    this.#from = from;
    this.#end = end;
    this.#of = of;
    this.at = base + from;
  }

  get latin1(): string {
    return this.#text.slice(this.#from, this.#end);
  }

  get bytes(): Buffer {
    return this.#of.subarray(this.#from, this.#end);
  }
}

class LogSearch {
  readonly #pattern: SearchPattern;
  readonly #invert: boolean;
  readonly #before: number;
  readonly #after: number;
  readonly #numbered: boolean;
  #remaining: number;
  /** The number of the next line. */
  #number = 1;
  /** How many lines after the last match are still to come. */
  #linesDue = 0;
  /** The most recent lines that have not been yielded, in case a match follows. */
  #kept: FoundLine[] = [];
  /** Nothing but matching lines is wanted. */
  readonly #plain: boolean;
  /** The pattern's literal is in so many lines that the expression finds matches faster. */
  #dense: boolean;
  /** The line that arrives in parts: its first part, the end of the last one, and whether it has matched. */
  #long: { readonly first: Buffer; rest: Buffer; matched: boolean } | undefined;

  constructor(pattern: SearchPattern, { invert, before, after, most, unnumbered }: SearchOptions) {
    this.#pattern = pattern;
    this.#invert = invert ?? false;
    this.#before = before ?? 0;
    this.#after = after ?? 0;
    this.#remaining = most ?? Infinity;
    this.#numbered = !unnumbered || this.#before > 0 || this.#after > 0;
    this.#plain = !this.#invert && this.#before === 0 && this.#after === 0;
    this.#dense = pattern.literal === undefined;
  }

  /** Whether the search has ended. */
  get done(): boolean {
    return this.#remaining <= 0 && this.#linesDue === 0;
  }

  /** @param raw complete lines. @param base their offset in the log. */
  *lines(raw: Buffer, base: number): Generator<FoundLine, void> {
    const { lines, bytewise } = this.#pattern;
    const bytes = cleaned(raw);
    if (this.#plain && this.#dense && lines && bytewise && bytes === raw && !raw.includes(CR)) {
      yield* this.#inText(raw, lines, base);
      return;
    }
    const rawLines = new RawLines(raw, bytes);
    let at = 0; // lines before this offset have been yielded or kept
    let found = 0;
    const matches = this.#invert ? gaps(bytes, this.#pattern) : matching(bytes, this.#pattern);
    for (const from of matches) {
      if (this.#remaining <= 0) break;
      found++;
      yield* this.#between(bytes, at, from);
      const end = lineEnd(bytes, from);
      yield* this.#found(line(bytes, from, end), base + rawLines.at(from));
      at = end;
    }
    this.#dense ||= found > bytes.length / DENSE;
    yield* this.#between(bytes, at, bytes.length);
  }

  /**
   * Finds matching lines without looking at each one by itself: without `\r` and bytewise, `lines` matches
   * exactly where `line` does.
   */
  *#inText(bytes: Buffer, lines: RegExp, base: number): Generator<FoundLine, void> {
    const text = bytes.toString('latin1');
    let at = 0; // lines before this offset have been counted
    for (const from of inText(text, lines)) {
      if (this.#remaining-- <= 0) {
        this.#remaining = 0;
        return;
      }
      if (this.#numbered) this.#number += linesIn(text, at, from);
      const newline = text.indexOf('\n', from);
      const end = newline < 0 ? text.length : newline;
      at = newline < 0 ? end : end + 1;
      yield new TextLine(this.#next(), text, from, end, bytes, base);
    }
    if (this.#numbered) this.#number += linesIn(text, at, text.length);
  }

  /** @param chunk a part of a line. @param base its offset in the log. */
  *part({ bytes, kind }: LogChunk, base: number): Generator<FoundLine, void> {
    const long = (this.#long ??= { first: Buffer.from(bytes), rest: Buffer.alloc(0), matched: false });
    if (!long.matched && this.#remaining > 0) {
      const text = line(cleaned(Buffer.concat([long.rest, bytes])));
      long.rest = Buffer.from(text.subarray(-OVERLAP));
      long.matched = test(this.#pattern, text);
      if (long.matched && !this.#invert) yield* this.#found(text, base);
    }
    if (kind === 'part') return;
    this.#long = undefined;
    const first = line(cleaned(long.first));
    if (this.#invert && !long.matched && this.#remaining > 0) yield* this.#found(first, base);
    else if (this.#invert || !long.matched) yield* this.#beside(first);
  }

  *#found(bytes: Buffer, at: number): Generator<FoundLine, void> {
    yield* this.#kept;
    this.#kept = [];
    this.#remaining--;
    this.#linesDue = this.#after;
    yield { number: this.#next(), bytes, match: true, at };
  }

  /** Handles a line that does not match. */
  *#beside(bytes: Buffer): Generator<FoundLine, void> {
    const found = { number: this.#next(), bytes, match: false };
    if (this.#linesDue > 0) {
      this.#linesDue--;
      yield found;
    } else if (this.#before > 0) {
      this.#kept.push({ ...found, bytes: Buffer.from(bytes) });
      if (this.#kept.length > this.#before) this.#kept.shift();
    }
  }

  /** Handles the lines from `from` to `to`, none of which matches. Only those at both ends may be needed. */
  *#between(bytes: Buffer, from: number, to: number): Generator<FoundLine, void> {
    let at = from;
    while (at < to && this.#linesDue > 0) {
      const end = lineEnd(bytes, at);
      yield* this.#beside(line(bytes, at, end));
      at = end;
    }
    let last = to;
    for (let i = 0; i < this.#before && last > at; i++)
      last = last < 2 ? 0 : bytes.lastIndexOf(NEWLINE, last - 2) + 1;
    last = Math.max(at, this.#before > 0 ? last : to);
    if (this.#numbered) this.#number += countLines(bytes, at, last);
    while (last < to) {
      const end = lineEnd(bytes, last);
      yield* this.#beside(line(bytes, last, end));
      last = end;
    }
  }

  #next(): number {
    return this.#numbered ? this.#number++ : 0;
  }
}

/** The offset after the newline of the line at `from`, or the end. */
function lineEnd(bytes: Buffer, from: number): number {
  return bytes.indexOf(NEWLINE, from) + 1 || bytes.length;
}

/** Returns a line without its newline, and without a `\r` before that. */
function line(bytes: Buffer, from = 0, end = bytes.length): Buffer {
  let to = end;
  if (to > from && bytes[to - 1] === NEWLINE) to--;
  while (to > from && bytes[to - 1] === CR) to--;
  return bytes.subarray(from, to);
}

/** Like countLines, in a text. */
function linesIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; count++) at = text.indexOf('\n', at) + 1 || to;
  return count;
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at = lineEnd(bytes, at)) count++;
  return count;
}

function test({ line: regex, literal }: SearchPattern, bytes: Buffer): boolean {
  if (literal && !bytes.includes(literal)) return false;
  regex.lastIndex = 0;
  return regex.test(decode(bytes).text);
}

/** Yields the offsets of the lines that match. */
function* matching(bytes: Buffer, pattern: SearchPattern): Generator<number, void> {
  for (const from of candidates(bytes, pattern))
    if (pattern.exact || test(pattern, line(bytes, from, lineEnd(bytes, from)))) yield from;
}

/** Yields the offsets of the lines that do not match. */
function* gaps(bytes: Buffer, pattern: SearchPattern): Generator<number, void> {
  let at = 0;
  for (const from of matching(bytes, pattern)) {
    for (; at < from; at = lineEnd(bytes, at)) yield at;
    at = lineEnd(bytes, from);
  }
  for (; at < bytes.length; at = lineEnd(bytes, at)) yield at;
}

/** Yields the offsets of the lines that may match. All lines that do match are among them. */
function* candidates(bytes: Buffer, { literal, lines, bytewise }: SearchPattern): Generator<number, void> {
  if (literal) {
    for (let at = bytes.indexOf(literal); at >= 0;) {
      yield bytes.lastIndexOf(NEWLINE, at) + 1;
      const end = lineEnd(bytes, at);
      at = end < bytes.length ? bytes.indexOf(literal, end) : -1;
    }
  } else if (lines && (bytewise || isAscii(bytes))) {
    yield* inText(bytes.toString('latin1'), lines);
  } else if (lines && isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    let seen = 0;
    let offset = 0;
    for (const from of inText(text, lines)) {
      offset += Buffer.byteLength(text.slice(seen, from));
      seen = from;
      yield offset;
    }
  } else {
    for (let at = 0; at < bytes.length; at = lineEnd(bytes, at)) yield at;
  }
}

/** Yields the offsets, in characters, of a text's lines in which the expression matches. */
function* inText(text: string, regex: RegExp): Generator<number, void> {
  for (let at = 0; at < text.length;) {
    regex.lastIndex = at;
    const found = regex.exec(text);
    if (!found || found.index >= text.length) return;
    yield found.index === 0 ? 0 : text.lastIndexOf('\n', found.index - 1) + 1;
    const end = text.indexOf('\n', found.index);
    if (end < 0) return;
    at = end + 1;
  }
}
