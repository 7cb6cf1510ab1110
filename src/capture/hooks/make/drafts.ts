// The first pass over make's file data base (graph.ts): finds each entry by its lines, and where its name,
// needs and comments are. The second pass distinguishes names (entries.ts).

/** The positions in the dump of the parts of one entry. */
export interface Draft {
  /** The rule line, without its newline. */
  readonly start: number;
  readonly end: number;
  /** The end of the name, if the target's own variables show it; else -1. */
  nameEnd: number;
  /** Set in the second pass: the target's name, and the start of its needs. */
  name: string;
  rest: number;
  doubleColon: boolean;
  target: boolean;
  phony: boolean;
  recipe: boolean;
  /** From the first to the last comment that may be "Also makes", or -1: `stem: '…'` has a colon, too. */
  alsoStart: number;
  alsoEnd: number;
}

/** The place of an entry's rule line, and what the lines above it say; -1 for an unknown name. */
interface RuleStart {
  readonly at: number;
  readonly nameLength: number;
  readonly target: boolean;
}

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const DOT = 46;
const COLON = 58;
const BACKSLASH = 92;

const PREFIX_LINE = '.RECIPEPREFIX = ';

/** A target's own variable, after `name: ` (src/variable.c print_variable). */
const DEFINITION = /^(?:define \S+$|\S+ [:+]?= )/;

/** The most bytes of a variable's value that are searched for the line after it. */
const VALUE_LIMIT = 1 << 20;

/** Rules print at least three comments: implicit search, modification time, updated or not. */
const RULE_COMMENTS = 3;

/** @param dump what make printed. @param text the same, one character for each byte. */
export function readDrafts(dump: Buffer, text: string): Draft[] {
  return new DraftReader(dump, text).read();
}

class DraftReader {
  readonly #dump: Buffer;
  readonly #text: string;
  readonly #drafts: Draft[] = [];
  /** Entries all of whose lines start with `# `: is the first "Not a target"? In which language? */
  readonly #odd: number[] = [];
  #notTarget = '# Not a target:';

  constructor(dump: Buffer, text: string) {
    this.#dump = dump;
    this.#text = text;
  }

  read(): Draft[] {
    let at = 0;
    while (at < this.#dump.length) at = this.#entry(at);
    this.#settleOdd();
    return this.#drafts;
  }

  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#dump.length : end;
  }

  #isComment(at: number): boolean {
    return this.#dump[at] === HASH && this.#dump[at + 1] === SPACE;
  }

  /** The number of comment lines from `at` on, up to `most`. */
  #comments(at: number, most: number): number {
    let count = 0;
    for (let line = at; count < most && this.#isComment(line); line = this.#lineEnd(line) + 1) count++;
    return count;
  }

  #isRuleLine(lineEnd: number): boolean {
    return this.#comments(lineEnd + 1, RULE_COMMENTS) === RULE_COMMENTS;
  }

  /** Reads the entry, or anything else, that starts at `at`. @returns the next position. */
  #entry(start: number): number {
    let at = start;
    if (this.#dump[at] === NEWLINE) return at + 1;
    if (this.#dump[at] === DOT && this.#text.startsWith(PREFIX_LINE, at)) {
      const end = this.#lineEnd(at);
      if (end - at <= PREFIX_LINE.length + 1) at = end + 1;
    }
    if (!this.#isComment(at)) return this.#rule({ at, nameLength: -1, target: true }) ?? this.#resume(at);
    const second = this.#lineEnd(at) + 1;
    if (!this.#isComment(second)) {
      // A heading, or the second half of German statistics.
      if (second >= this.#dump.length || this.#dump[second] === NEWLINE) return second;
      const found = this.#variables(second) ?? { at: second, nameLength: -1, target: false };
      const next = this.#rule(found);
      if (next === undefined) return this.#resume(second);
      if (!found.target) this.#notTarget = this.#lineBefore(found.at);
      return next;
    }
    if (this.#comments(at, RULE_COMMENTS + 1) > RULE_COMMENTS) return this.#oddRule(at);
    // The second half of German statistics and a recipe, or the statistics at the end of the dump.
    const third = this.#lineEnd(second) + 1;
    if (third >= this.#dump.length || this.#dump[third] === NEWLINE) return third;
    return this.#recipe(third, this.#drafts.at(-1));
  }

  /** The position of the next possible entry, if there is none at `at`. */
  #resume(at: number): number {
    const gap = this.#text.indexOf('\n\n', at);
    return gap < 0 ? this.#dump.length : gap + 2;
  }

  #lineBefore(at: number): string {
    return this.#text.slice(this.#text.lastIndexOf('\n', at - 2) + 1, at - 1);
  }

  /**
   * Finds the rule line of an entry that starts with the target's own variables, the first of them at `at`.
   * The rule line starts with the same name as they do. Undefined if this is no such entry.
   */
  #variables(at: number): RuleStart | undefined {
    const end = this.#lineEnd(at);
    const line = this.#text.slice(at, end);
    // Tries the longest name first: a rule line that confirms it would confirm its beginning too.
    for (let colon = line.lastIndexOf(': '); colon > 0; colon = line.lastIndexOf(': ', colon - 1)) {
      if (!DEFINITION.test(line.slice(colon + 2))) continue;
      const found = this.#definition(at, line.slice(0, colon + 1), new Set());
      if (found) return found;
    }
    return undefined;
  }

  /** Follows the definition at `at`, perhaps of many lines, to the rule line that starts with `prefix`. */
  #definition(at: number, prefix: string, failed: Set<number>): RuleStart | undefined {
    const end = this.#lineEnd(at);
    const value = this.#text.slice(at + prefix.length + 1, end);
    if (value.startsWith('define ') && !/^define [:+]?= /.test(value)) {
      let close = this.#text.indexOf('\nendef\n', end);
      while (close >= 0 && close < end + VALUE_LIMIT) {
        const found = this.#continuation(close + 7, prefix, failed);
        if (found) return found;
        close = this.#text.indexOf('\nendef\n', close + 1);
      }
      return undefined;
    }
    // Only a value that was expanded at once (`:=`) shows its newlines.
    const limit = /^\S+ := /.test(value) ? end + VALUE_LIMIT : end + 1;
    for (let line = end + 1; line <= limit && line < this.#dump.length; line = this.#lineEnd(line) + 1) {
      const found = this.#continuation(line, prefix, failed);
      if (found) return found;
    }
    return undefined;
  }

  /** After the definition of a variable comes a comment and another definition, or the rule line. */
  #continuation(at: number, prefix: string, failed: Set<number>): RuleStart | undefined {
    if (failed.has(at)) return undefined;
    const nameLength = prefix.length - 1;
    if (this.#startsRule(at, prefix)) return { at, nameLength, target: true };
    if (this.#isComment(at)) {
      const next = this.#lineEnd(at) + 1;
      if (this.#text.startsWith(prefix, next)) {
        const behind = next + prefix.length;
        if (
          this.#dump[behind] === SPACE &&
          DEFINITION.test(this.#text.slice(behind + 1, this.#lineEnd(behind)))
        ) {
          const found = this.#definition(next, prefix, failed);
          if (found) return found;
        }
        if (this.#startsRule(next, prefix)) return { at: next, nameLength, target: false };
      }
    }
    failed.add(at);
    return undefined;
  }

  #startsRule(at: number, prefix: string): boolean {
    if (!this.#text.startsWith(prefix, at)) return false;
    let behind = at + prefix.length;
    if (this.#dump[behind] === COLON) behind++;
    if (this.#dump[behind] !== SPACE && this.#dump[behind] !== NEWLINE) return false;
    return this.#isRuleLine(this.#lineEnd(behind));
  }

  /** Reads an entry of a file whose name starts with `# `. */
  #oddRule(at: number): number {
    const end = this.#lineEnd(at);
    const draft = this.#addDraft({ at, nameLength: -1, target: true }, end);
    this.#odd.push(this.#drafts.length - 1);
    return this.#afterRule(draft, end + 1);
  }

  #settleOdd(): void {
    for (const index of this.#odd) {
      const draft = this.#drafts[index]!;
      if (this.#text.slice(draft.start, draft.end) !== this.#notTarget) continue;
      const start = draft.end + 1;
      const end = this.#lineEnd(start);
      const alsoStart = draft.alsoStart < 0 ? -1 : Math.max(draft.alsoStart, end + 1);
      this.#drafts[index] = { ...draft, start, end, target: false, alsoStart };
    }
  }

  /** Reads an entry from its rule line on; undefined if it is not an entry. */
  #rule(found: RuleStart): number | undefined {
    const end = this.#lineEnd(found.at);
    if (!this.#isRuleLine(end) || !this.#hasName(found.at, end)) return undefined;
    return this.#afterRule(this.#addDraft(found, end), end + 1);
  }

  #hasName(start: number, end: number): boolean {
    const colon = this.#text.indexOf(':', start);
    return colon > start && colon < end;
  }

  #addDraft({ at, nameLength, target }: RuleStart, end: number): Draft {
    const draft: Draft = {
      start: at,
      end,
      nameEnd: nameLength < 0 ? -1 : at + nameLength,
      name: '',
      rest: end,
      doubleColon: false,
      target,
      phony: false,
      recipe: false,
      alsoStart: -1,
      alsoEnd: -1,
    };
    this.#drafts.push(draft);
    return draft;
  }

  /** Reads the comments and the recipe after a rule line. */
  #afterRule(draft: Draft, start: number): number {
    let at = start;
    for (let index = 0; this.#isComment(at); index++) {
      const end = this.#comment(at, index, draft);
      at = end + 1;
    }
    if (at >= this.#dump.length || this.#dump[at] === NEWLINE) return at;
    return this.#recipe(at, draft);
  }

  /** Reads one comment and returns its end: the hottest loop, one look at each byte. */
  #comment(start: number, index: number, draft: Draft): number {
    const dump = this.#dump;
    let lists = false;
    let at = start + 2;
    for (; at < dump.length; at++) {
      const byte = dump[at]!;
      if (byte === NEWLINE) break;
      if (byte === SPACE) {
        if (isColonBefore(dump, at) && !this.#isAutomatic(start)) lists = true;
      } else if (byte === DOT && index < 2 && this.#text.startsWith('PHONY', at + 1)) draft.phony = true;
    }
    if (lists) {
      if (draft.alsoStart < 0) draft.alsoStart = start;
      draft.alsoEnd = at;
    }
    return at;
  }

  /** `# @ := name`: an automatic variable of the entry. */
  #isAutomatic(start: number): boolean {
    return this.#text.startsWith(' := ', start + 3);
  }

  /**
   * Skips the recipe at `start`. @returns the position of the next entry's empty line. A recipe has an empty
   * line only after a line that ends in `\`: all others start with the prefix (src/commands.c
   * print_commands).
   */
  #recipe(start: number, draft: Draft | undefined): number {
    const dump = this.#dump;
    let at = start;
    let end: number;
    for (;;) {
      const gap = this.#text.indexOf('\n\n', at);
      if (gap < 0) {
        end = dump.length;
        break;
      }
      let before = gap;
      while (before > start && dump[before - 1] === BACKSLASH) before--;
      // If no prefix follows, the empty line belongs to the next entry, and the `\` is the end of a makefile.
      if ((gap - before) % 2 === 0 || dump[gap + 2] !== dump[start]) {
        end = gap + 1;
        break;
      }
      at = gap + 2;
    }
    if (draft) draft.recipe = this.#isWritten(start, end);
    return end;
  }

  /** Does a recipe have anything but prefixes and white space? */
  #isWritten(start: number, end: number): boolean {
    const prefix = this.#dump[start];
    for (let at = start; at < end; at++) {
      const byte = this.#dump[at]!;
      if (byte > SPACE && byte !== prefix) return true;
    }
    return false;
  }
}

/** A colon ends before `at`: also Chinese and Japanese ones, in UTF-8, GB 2312, Big 5 and EUC-JP. */
export function isColonBefore(dump: Buffer, at: number): boolean {
  const last = dump[at - 1]!;
  if (last === COLON) return true;
  const before = dump[at - 2]!;
  switch (last) {
    case 0x9a:
      return before === 0xbc && dump[at - 3] === 0xef;
    case 0xba:
      return before === 0xa3;
    case 0x47:
      return before === 0xa1;
    case 0xa7:
      return before === 0xa1;
    default:
      return false;
  }
}
