// Searches raw text for all words of the table at once: most lines of a log have none of them, and are not looked at any further.

import type { Pattern } from './pattern.ts';

/** A word that was found, and the patterns that have it. */
export interface Hit {
  /** Infinity: there is none. */
  readonly index: number;
  readonly word: string;
  readonly patterns: readonly Pattern[];
}

const NONE: Hit = { index: Infinity, word: '', patterns: [] };

export class Search {
  readonly #expression: RegExp;
  readonly #patterns: ReadonlyMap<string, readonly Pattern[]>;

  /** @param also words that no pattern has. */
  constructor(table: readonly Pattern[], also: readonly string[]) {
    const words = new Set([...table.flatMap(({ words: own = [] }) => own.map(raw)), ...also]);
    // The longest first, since a word can be the start of another; and then the shorter one's patterns count as well.
    const all = [...words].sort((a, b) => b.length - a.length);
    this.#patterns = new Map(
      all.map((word) => [
        word,
        table.filter(({ words: own = [] }) => own.some((part) => word.includes(raw(part)))),
      ]),
    );
    const escaped = all.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    this.#expression = new RegExp(escaped.join('|'), 'g');
  }

  /** @param text one character a byte. */
  next(text: string, from: number): Hit {
    this.#expression.lastIndex = from;
    const match = this.#expression.exec(text);
    if (!match) return NONE;
    const word = match[0];
    return { index: match.index, word, patterns: this.#patterns.get(word) ?? [] };
  }
}

/** As it stands in text of one character a byte. */
const raw = (word: string): string => Buffer.from(word).toString('latin1');
