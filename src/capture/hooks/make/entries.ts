// The second pass over make's file data base (graph.ts): finds the names of entries, which are not escaped,
// and their needs. The first pass (drafts.ts) has found the entries.

import { type Spaced, everyWord, indexSpaced, splitWords } from '../../../model/namelist.ts';
import { type Draft, isColonBefore } from './drafts.ts';

/** One entry of make's file data base. A `::` target has an entry for each of its rules, in order. */
export interface GraphEntry {
  readonly name: string;
  /** All needs in make's order: first the normal ones, then the order-only ones. */
  readonly needs: readonly string[];
  /** The order-only needs. */
  readonly orderOnly: readonly string[];
  /** The other targets that the same run of the recipe makes. The entries of all of them name each other. */
  readonly also: readonly string[];
  /** The entry has recipe lines that are not blank. */
  readonly recipe: boolean;
  readonly phony: boolean;
  /** False if make prints "Not a target": no rule has the file on its left side. */
  readonly target: boolean;
  readonly doubleColon: boolean;
}

/** One way to read a rule line. */
interface Reading {
  readonly name: string;
  readonly rest: number;
  readonly doubleColon: boolean;
}

/** An entry whose rule line can be read in several ways. */
interface Unclear {
  readonly draft: Draft;
  readonly readings: readonly Reading[];
}

const NONE: readonly string[] = [];
const SPACE = 32;
const COLON = 58;

/** Names with up to four `: ` in them are found. */
const MOST_READINGS = 5;

/**
 * The entries of drafts, in their order; loglin's own makefile is left out.
 * @param dump, text as of readDrafts.
 */
export function nameEntries(dump: Buffer, text: string, drafts: readonly Draft[]): GraphEntry[] {
  return new Namer(dump, text, drafts).entries();
}

class Namer {
  readonly #dump: Buffer;
  /** One character for each byte: names are compared as bytes and decoded at the end. */
  readonly #text: string;
  readonly #drafts: readonly Draft[];
  readonly #decoded = new Map<string, string>();

  constructor(dump: Buffer, text: string, drafts: readonly Draft[]) {
    this.#dump = dump;
    this.#text = text;
    this.#drafts = drafts;
  }

  entries(): GraphEntry[] {
    const names = this.#nameTargets();
    const spaced = indexSpaced(names);
    const entries: GraphEntry[] = [];
    for (const draft of this.#drafts) {
      if (draft.name === 'loglin.mk' || draft.name.endsWith('/loglin.mk')) continue;
      entries.push(this.#finish(draft, names, spaced));
    }
    return entries;
  }

  /** Finds each draft's name. @returns all names, as bytes. */
  #nameTargets(): Set<string> {
    const names = new Set<string>();
    const unclear: Unclear[] = [];
    const doubled: Draft[] = [];
    for (const draft of this.#drafts) {
      const readings = this.#readings(draft);
      const first = readings[0]!;
      if (readings.length > 1) unclear.push({ draft, readings });
      else {
        take(draft, first);
        names.add(first.name);
        if (first.doubleColon) doubled.push(draft);
      }
    }
    if (unclear.length > 0) this.#choose(unclear, doubled, names);
    return names;
  }

  /**
   * The possible readings of a rule line: at least one, the shortest name first, and only a few, for speed.
   */
  #readings(draft: Draft): Reading[] {
    const dump = this.#dump;
    const text = this.#text;
    const { start, end, nameEnd } = draft;
    const readings: Reading[] = [];
    for (
      let colon = nameEnd < 0 ? text.indexOf(':', start + 1) : nameEnd;
      colon >= 0 && colon < end && readings.length < MOST_READINGS;
      colon = text.indexOf(':', colon + 1)
    ) {
      const doubleColon = dump[colon + 1] === COLON && (colon + 2 === end || dump[colon + 2] === SPACE);
      const rest = doubleColon ? colon + 2 : colon + 1;
      if (rest !== end && dump[rest] !== SPACE) continue;
      readings.push({ name: text.slice(start, colon), rest, doubleColon });
      if (nameEnd >= 0) break;
      colon = rest - 1;
    }
    if (readings.length === 0) {
      const colon = Math.max(text.indexOf(':', start), start);
      const name = text.slice(start, Math.min(colon, end));
      readings.push({ name, rest: end, doubleColon: false });
    }
    return readings;
  }

  /**
   * Chooses a reading of lines like `a: b: c`: the first one in which all needs have entries, in any reading
   * of their own lines. Names with `: ` in them, and names that end in `:`, are rare enough for that. `names`
   * has the certain names, and afterwards all.
   */
  #choose(unclear: readonly Unclear[], doubled: readonly Draft[], names: Set<string>): void {
    const known = new Set(names);
    for (const { readings } of unclear) for (const { name } of readings) known.add(name);
    for (const { name } of doubled) known.add(`${name}:`);
    const possible = indexSpaced(known);
    const needed = new Set<string>();
    for (const { draft, readings } of unclear) {
      const fits = (test: (word: string) => boolean) =>
        readings.find(({ rest }) => everyWord(this.#text.slice(rest + 1, draft.end), possible, test));
      const isKnown = (word: string) => known.has(word) || isMark(word);
      take(draft, fits(isKnown) ?? fits((word) => isKnown(word) || !word.endsWith(':')) ?? readings[0]!);
      names.add(draft.name);
      for (const word of splitWords(this.#text.slice(draft.rest + 1, draft.end), possible)) needed.add(word);
    }
    // `b::` is the target `b:` if another target needs that.
    for (const draft of doubled) {
      const name = `${draft.name}:`;
      if (!needed.has(name)) continue;
      draft.name = name;
      draft.doubleColon = false;
      names.add(name);
    }
  }

  #finish(draft: Draft, names: ReadonlySet<string>, spaced: Spaced): GraphEntry {
    const { rest, end, alsoStart, alsoEnd, recipe, phony, target, doubleColon } = draft;
    let needs = NONE;
    let orderOnly = NONE;
    if (rest < end) {
      const words = splitWords(this.#text.slice(rest + 1, end), spaced);
      const bar = words.indexOf('|');
      if (bar < 0) needs = this.#resolve(words, names);
      else {
        orderOnly = this.#resolve(words.slice(bar + 1), names);
        needs = [...this.#resolve(words.slice(0, bar), names), ...orderOnly];
      }
    }
    const name = this.#decode(draft.name);
    const also = alsoStart < 0 ? NONE : this.#alsoMakes(alsoStart, alsoEnd, names, spaced);
    return { name, needs, orderOnly, also, recipe, phony, target, doubleColon };
  }

  /** Decodes needs, without make's `.WAIT` and words that make has not expanded. */
  #resolve(words: readonly string[], names: ReadonlySet<string>): readonly string[] {
    const needs: string[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      if (word === '.WAIT') continue;
      if (word.includes('$') && !names.has(word)) {
        for (let open = depth(word); open > 0 && i + 1 < words.length; open += depth(words[i]!)) i++;
        continue;
      }
      needs.push(this.#decode(word));
    }
    return needs;
  }

  /** The names after the colon of one of the comments, if only names stand there. */
  #alsoMakes(start: number, end: number, names: ReadonlySet<string>, spaced: Spaced) {
    for (let at = start + 2; at < end; at++) {
      if (this.#dump[at] !== SPACE || !isColonBefore(this.#dump, at)) continue;
      const newline = this.#text.indexOf('\n', at);
      const lineEnd = newline < 0 ? this.#dump.length : newline;
      const words = splitWords(this.#text.slice(at + 1, lineEnd), spaced);
      if (words.length > 0 && words.every((word) => names.has(word))) {
        return words.map((word) => this.#decode(word));
      }
    }
    return NONE;
  }

  /** Decodes a name, into a new string: a slice would keep the whole dump in memory. */
  #decode(bytes: string): string {
    let name = this.#decoded.get(bytes);
    if (name === undefined) {
      name = Buffer.from(bytes, 'latin1').toString();
      this.#decoded.set(bytes, name);
    }
    return name;
  }
}

function take(draft: Draft, reading: Reading): void {
  draft.name = reading.name;
  draft.rest = reading.rest;
  draft.doubleColon = reading.doubleColon;
}

/** The number of `$(` and `${` that a word leaves open. */
function depth(word: string): number {
  let open = 0;
  for (const char of word) {
    if (char === '(' || char === '{') open++;
    else if (char === ')' || char === '}') open--;
  }
  return open;
}

/** Words that make prints among needs and that are not names. */
function isMark(word: string): boolean {
  return word === '|' || word === '.WAIT';
}
