// Searches raw text for all words of the table at once: most lines of a log have none of them, and are not
// looked at any further.

import { escapeRegExp } from '../model/regexp.ts';
import type { Pattern } from './pattern.ts';

/** A word that was found, and the patterns that have it. */
export interface Hit {
  readonly at: number;
  readonly word: string;
  readonly patterns: readonly Pattern[];
}

/**
 * The search stops at one character of each word, and looks at what is before and after it there: three times
 * as fast as stopping at each word's first letter. Few different ones that are rare in commands and names,
 * the first of these that is in the word.
 */
const STOPS = Array.from('\x1b\xe2!#*()[]"`,:zFERTCkwo');

export class WordSearch {
  readonly #stops: RegExp;
  readonly #all: RegExp;
  readonly #patterns: ReadonlyMap<string, readonly Pattern[]>;

  /** @param also words that no pattern has. */
  constructor(table: readonly Pattern[], also: readonly string[]) {
    const words = new Set([...table.flatMap(({ words: some = [] }) => some.map(raw)), ...also]);
    // The longest first, since a word can be the start of another; and then the shorter one's patterns count
    // as well.
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
   * Where the next line with a word starts; Infinity: there is none.
   * @param text one character a byte. @param from the start of a line.
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

/** What follows a stop, and what must then stand before that point. */
interface Tail {
  readonly rest: string;
  readonly before: string;
}

/**
 * `:(?: (?:(?<=error: )|(?<=warning: ))|…)|k(?:(?<=not ok))|…`: what follows is looked at first, since it
 * differs more.
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

/** Tails that begin alike are looked at together: the engine tries alternatives one after the other. */
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

/** As it stands in text of one character a byte. */
const raw = (word: string): string => Buffer.from(word).toString('latin1');
