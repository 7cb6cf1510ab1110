// Searches raw text for all words of the table at once. Most lines of a log have none of them, and are not
// examined any further.

import { escapeRegExp } from '../model/regexp.ts';
import type { ProblemPattern } from './pattern.ts';

/** A word that was found, and the patterns that have it. */
export interface Hit {
  readonly at: number;
  readonly word: string;
  readonly patterns: readonly ProblemPattern[];
}

/**
 * The search stops at one character of each word and compares what stands before and after it. This is three
 * times as fast as stopping at each word's first letter. These are a few characters that are rare in commands
 * and names. A word is found by the first of them that occurs in it.
 */
const STOPS = Array.from('\x1b\xe2!#*()[]"`,:zFERTCkwo');

export class WordSearch {
  readonly #stops: RegExp;
  readonly #all: RegExp;
  readonly #patterns: ReadonlyMap<string, readonly ProblemPattern[]>;

  /** @param also further words, which no pattern has. */
  constructor(table: readonly ProblemPattern[], also: readonly string[]) {
    const words = new Set([...table.flatMap(({ words: some = [] }) => some.map(raw)), ...also]);
    // The longest word comes first, since a word can be the start of another. The shorter word's patterns
    // then count as well.
    const all = [...words].sort((a, b) => b.length - a.length);
    this.#patterns = new Map(
      all.map((word) => [
        word,
        table.filter(({ words: some = [] }) => some.some((part) => word.includes(raw(part)))),
      ]),
    );
    this.#all = new RegExp(all.map(escapeRegExp).join('|'), 'g');
    this.#stops = new RegExp(byStop(all), 'g');
  }

  /**
   * The start of the next line that has a word; Infinity: there is none.
   * @param text one character per byte. @param from the start of a line.
   */
  line(text: string, from: number): number {
    this.#stops.lastIndex = from;
    const match = this.#stops.exec(text);
    return match ? Math.max(from, text.lastIndexOf('\n', match.index) + 1) : Infinity;
  }

  /** The first word of a line from here on. */
  word(line: string, from: number): Hit | undefined {
    this.#all.lastIndex = from;
    const match = this.#all.exec(line);
    if (!match) return undefined;
    const [word] = match;
    return { at: match.index, word, patterns: this.#patterns.get(word) ?? [] };
  }
}

/** The text after a stop, and the text that must stand before it. */
interface Tail {
  readonly rest: string;
  readonly before: string;
}

/**
 * `:(?: (?:(?<=error: )|(?<=warning: ))|…)|k(?:(?<=not ok))|…`. The text after the stop is compared first,
 * since it differs more.
 */
function byStop(words: readonly string[]): string {
  const groups = new Map<string, Tail[]>();
  for (const word of words) {
    const stop = STOPS.find((character) => word.includes(character)) ?? word.slice(0, 1);
    const at = word.indexOf(stop);
    const group = groups.get(stop) ?? [];
    group.push({ rest: word.slice(at + 1), before: at === 0 ? '' : `(?<=${escapeRegExp(word)})` });
    groups.set(stop, group);
  }
  return [...groups].map(([stop, tails]) => `${escapeRegExp(stop)}(?:${alternatives(tails)})`).join('|');
}

/** Groups tails that begin alike, since the engine tries alternatives one after the other. */
function alternatives(tails: readonly Tail[]): string {
  const groups = new Map<string, Tail[]>();
  for (const tail of tails) {
    const first = tail.rest.slice(0, 1);
    groups.set(first, [...(groups.get(first) ?? []), tail]);
  }
  return [...groups]
    .map(([first, group]) => {
      const [one] = group;
      if (first === '') return group.map(({ before }) => before).join('|');
      if (one && group.length === 1) return escapeRegExp(one.rest) + one.before;
      return `${escapeRegExp(first)}(?:${alternatives(group.map(({ rest, before }) => ({ rest: rest.slice(1), before })))})`;
    })
    .join('|');
}

/** The word as it appears in text with one character per byte. */
const raw = (word: string): string => Buffer.from(word).toString('latin1');
