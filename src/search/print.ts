// Matching lines as text, like git grep: `target:12:text`, matches in colour. The output consists of bytes,
// held in Latin-1 strings with one character per byte, so that lines which are not UTF-8 are printed
// unchanged.

import { escapeName } from '../model/printable.ts';
import { type Paint, painter } from '../render/formats.ts';
import type { MatchedLine, SearchedLog } from '../render/records/match.ts';
import { type SearchPattern, matches } from './pattern.ts';
import type { FoundLine } from './search.ts';
import { decode, harmless } from './text.ts';

export interface MatchPrintOptions {
  readonly colour: boolean;
  /** For a terminal: no control characters. */
  readonly terminal: boolean;
  readonly numbers: boolean;
  /** Prints only the matches, one per line. */
  readonly only: boolean;
  /** Prints the name once, on a line of its own, instead of before each line. */
  readonly heading: boolean;
}

/** Prints what was found in one log. */
export class MatchPrinter {
  readonly #options: MatchPrintOptions;
  readonly #pattern: SearchPattern;
  readonly #paint: Paint;
  readonly #name: string;

  constructor(log: SearchedLog, pattern: SearchPattern, options: MatchPrintOptions) {
    this.#options = options;
    this.#pattern = pattern;
    this.#paint = painter(options.colour);
    this.#name = this.name(log);
  }

  /** The heading above a job's lines; '' if each line has the name. */
  head(): string {
    return this.#options.heading ? `${this.#name}\n` : '';
  }

  /** Returns a log's name, preceded by its build if several were searched. */
  name({ name, build }: SearchedLog): string {
    const shown = this.#paint('35', latin1(escapeName(name)));
    return build === undefined ? shown : `${this.#paint('33', latin1(build))}${this.#separator(':')}${shown}`;
  }

  count(count: number): string {
    return `${this.#name}${this.#separator(':')}${count}\n`;
  }

  line(found: FoundLine): string {
    const { terminal, numbers, only, heading, colour } = this.#options;
    const separator = this.#separator(found.match ? ':' : '-');
    const number = numbers ? this.#paint('32', String(found.number)) + separator : '';
    const prefix = (heading ? '' : this.#name + separator) + number;
    if (!only && !colour && !terminal && found.latin1 !== undefined) return `${prefix}${found.latin1}\n`;
    const bytes = terminal ? harmless(found.bytes) : found.bytes;
    if (!only && !colour) return `${prefix}${bytes.toString('latin1')}\n`;
    if (!found.match) return only ? '' : `${prefix}${bytes.toString('latin1')}\n`;
    const { text, encoding } = decode(bytes);
    const raw = (part: string): string => (encoding === 'latin1' ? part : latin1(part));
    let out = '';
    let at = 0;
    for (const [from, to] of matches(this.#pattern, text)) {
      const part = this.#paint('1;31', raw(text.slice(from, to)));
      out += only ? `${prefix}${part}\n` : raw(text.slice(at, from)) + part;
      at = to;
    }
    return only ? out : `${prefix}${out}${raw(text.slice(at))}\n`;
  }

  /** Returns the separator between lines that are not adjacent, if lines around matches are shown. */
  gap(): string {
    return `${this.#separator('--')}\n`;
  }

  #separator(text: string): string {
    return this.#paint('36', text);
  }
}

/** Converts a line that was found to the form of its record. */
export function matchedLine(pattern: SearchPattern, { match, number, bytes }: FoundLine): MatchedLine {
  const { text, encoding } = decode(bytes);
  const utf8 = encoding === 'utf8' || /^[\x00-\x7f]*$/.test(text);
  return { match, number, bytes, text: utf8 ? text : undefined, spans: match ? matches(pattern, text) : [] };
}

function latin1(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}
