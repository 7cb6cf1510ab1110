// Reads the file data base of GNU make 4.x: the text that `print_file_data_base()` (src/file.c) prints, the
// "# Files" part of `make -p`. It is meant for people: comments are translated, names are not escaped, values
// and recipes stand in it as they are. So nothing here looks at words; an entry is found by its shape:
//
//   (empty line)
//   .RECIPEPREFIX = >                      when it is another prefix than before
//   # makefile (from 'Makefile', line 3)   a comment and a definition, perhaps of many lines, for each
//   name: VAR := value                     variable of the target's own
//   # Not a target:
//   name: need need | need                 or `name::`; only below this line are three comments or more
//   #  Phony target …                      comments: "# " and text, but `.PHONY` is not translated
//   #  Also makes: name name               a colon, then nothing but names
//   # variable set hash-table stats:       when the target has variables; in German with an empty line
//   # Load=…                               between the two
//   #  recipe to execute …
//   <tab>command                           up to the first empty line that does not continue a `\`
//
// A name that holds spaces or `: ` is told from several names by the entry that each need has of its own.
//
// What it does not know:
// - Whether `a b` among the needs is one file or two where `a b`, `a` and `b` all have entries: the longest
//   wins. A file named `|` is taken for the mark before the order-only needs, `.WAIT` for make 4.4's mark.
// - Names that are not UTF-8: each wrong byte becomes U+FFFD, after names have been told apart.
// - A target whose name starts with `# ` and which has variables of its own; a file that is no target and
//   whose first need reads like `X := y`; names with a newline in them.
// - Needs that make has not expanded yet (.SECONDEXPANSION in make 4.4, targets it did not come to): words
//   with `$` that are no file's name are left out. Implicit rules show only at targets make has considered.
// - Entries that `make -r` hides. Of a dump that is cut off, the last entry may be left out.

import { type Spaced, everyWord, indexSpaced, splitWords } from '../../../model/namelist.ts';

/** One entry of make's file data base. A `::` target has an entry for each of its rules, in order. */
export interface GraphEntry {
  readonly name: string;
  /** All needs in make's order: the normal ones, then the order-only ones. */
  readonly needs: readonly string[];
  /** Those of the needs that are order-only. */
  readonly orderOnly: readonly string[];
  /** The other targets that the same run of the recipe makes; each names all others. */
  readonly also: readonly string[];
  /** The entry has recipe lines that are not blank. */
  readonly recipe: boolean;
  readonly phony: boolean;
  /** False where make says "Not a target": no rule names the file on its left side. */
  readonly target: boolean;
  readonly doubleColon: boolean;
}

/** Positions in the dump of what the first pass has found of one entry. */
interface Draft {
  /** The rule line, without its newline. */
  readonly start: number;
  readonly end: number;
  /** The end of the name where the target's own variables have told it, else -1. */
  nameEnd: number;
  /** The target's name, and where its needs start: in the second pass. */
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

/** Where the rule line of an entry is, and what the lines above it tell; -1 for a name that is not known. */
interface RuleStart {
  readonly at: number;
  readonly nameLength: number;
  readonly target: boolean;
}

const NONE: readonly string[] = [];
const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const DOT = 46;
const COLON = 58;
const BACKSLASH = 92;

const PREFIX_LINE = '.RECIPEPREFIX = ';

/** A target's own variable, behind `name: ` (src/variable.c print_variable). */
const DEFINITION = /^(?:define \S+$|\S+ [:+]?= )/;

/** How many bytes of a variable's value are searched for the line behind it. */
const VALUE_LIMIT = 1 << 20;

/** A name is found to have no more than four `: ` in it. */
const MOST_READINGS = 5;

/** Rules print at least three comments: implicit search, modification time, updated or not. */
const RULE_COMMENTS = 3;

/**
 * Parses what GNU make 4.x's `print_file_data_base()` printed (src/file.c: print_file, print_prereqs;
 * src/variable.c: print_target_variables; src/commands.c: print_commands), in any language. Entries come in
 * the order of make's hash table. loglin's own makefile is left out, and so is what cannot be read.
 */
export function parseFileDataBase(dump: Buffer): GraphEntry[] {
  return new Parser(dump).entries();
}

class Parser {
  /** One character for each byte: names are compared as bytes and decoded at the end. */
  private readonly text: string;
  private readonly drafts: Draft[] = [];
  /** Entries all of whose lines start with `# `: is the first "Not a target"? In which language? */
  private readonly odd: number[] = [];
  private notTarget = '# Not a target:';
  private readonly decoded = new Map<string, string>();

  constructor(private readonly dump: Buffer) {
    this.text = dump.toString('latin1');
  }

  entries(): GraphEntry[] {
    let at = 0;
    while (at < this.dump.length) at = this.entry(at);
    this.settleOdd();
    const names = this.nameTargets();
    const spaced = indexSpaced(names);
    const entries: GraphEntry[] = [];
    for (const draft of this.drafts) {
      if (draft.name === 'loglin.mk' || draft.name.endsWith('/loglin.mk')) continue;
      entries.push(this.finish(draft, names, spaced));
    }
    return joinPeers(entries);
  }

  // The first pass: lines.

  private lineEnd(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.dump.length : end;
  }

  private isComment(at: number): boolean {
    return this.dump[at] === HASH && this.dump[at + 1] === SPACE;
  }

  /** How many comment lines there are from `at`, up to `most`. */
  private comments(at: number, most: number): number {
    let count = 0;
    for (let line = at; count < most && this.isComment(line); line = this.lineEnd(line) + 1) count++;
    return count;
  }

  private isRuleLine(lineEnd: number): boolean {
    return this.comments(lineEnd + 1, RULE_COMMENTS) === RULE_COMMENTS;
  }

  /** Reads the entry that starts at `at` or what else is there; returns where to go on. */
  private entry(start: number): number {
    let at = start;
    if (this.dump[at] === NEWLINE) return at + 1;
    if (this.dump[at] === DOT && this.text.startsWith(PREFIX_LINE, at)) {
      const end = this.lineEnd(at);
      if (end - at <= PREFIX_LINE.length + 1) at = end + 1;
    }
    if (!this.isComment(at)) return this.rule({ at, nameLength: -1, target: true }) ?? this.resume(at);
    const second = this.lineEnd(at) + 1;
    if (!this.isComment(second)) {
      // A heading, or the second half of German statistics.
      if (second >= this.dump.length || this.dump[second] === NEWLINE) return second;
      const found = this.variables(second) ?? { at: second, nameLength: -1, target: false };
      const next = this.rule(found);
      if (next === undefined) return this.resume(second);
      if (!found.target) this.notTarget = this.lineBefore(found.at);
      return next;
    }
    if (this.comments(at, RULE_COMMENTS + 1) > RULE_COMMENTS) return this.oddRule(at);
    // The second half of German statistics and a recipe, or the statistics at the end of the dump.
    const third = this.lineEnd(second) + 1;
    if (third >= this.dump.length || this.dump[third] === NEWLINE) return third;
    return this.recipe(third, this.drafts.at(-1));
  }

  /** Where to look for the next entry when there is none at `at`. */
  private resume(at: number): number {
    const gap = this.text.indexOf('\n\n', at);
    return gap < 0 ? this.dump.length : gap + 2;
  }

  private lineBefore(at: number): string {
    return this.text.slice(this.text.lastIndexOf('\n', at - 2) + 1, at - 1);
  }

  /**
   * Finds the rule line of an entry that starts with variables of the target's own, the first of them at
   * `at`: it starts with the same name as they. Undefined when this is no such entry.
   */
  private variables(at: number): RuleStart | undefined {
    const end = this.lineEnd(at);
    const line = this.text.slice(at, end);
    // The longest name first: the rule line bears it out, and would bear out its beginning, too.
    for (let colon = line.lastIndexOf(': '); colon > 0; colon = line.lastIndexOf(': ', colon - 1)) {
      if (!DEFINITION.test(line.slice(colon + 2))) continue;
      const found = this.definition(at, line.slice(0, colon + 1), new Set());
      if (found) return found;
    }
    return undefined;
  }

  /** Follows the definition at `at`, perhaps of many lines, to the rule line that starts with `prefix`. */
  private definition(at: number, prefix: string, failed: Set<number>): RuleStart | undefined {
    const end = this.lineEnd(at);
    const value = this.text.slice(at + prefix.length + 1, end);
    if (value.startsWith('define ') && !/^define [:+]?= /.test(value)) {
      let close = this.text.indexOf('\nendef\n', end);
      while (close >= 0 && close < end + VALUE_LIMIT) {
        const found = this.continuation(close + 7, prefix, failed);
        if (found) return found;
        close = this.text.indexOf('\nendef\n', close + 1);
      }
      return undefined;
    }
    // Only a value that was expanded at once (`:=`) shows its newlines.
    const limit = /^\S+ := /.test(value) ? end + VALUE_LIMIT : end + 1;
    for (let line = end + 1; line <= limit && line < this.dump.length; line = this.lineEnd(line) + 1) {
      const found = this.continuation(line, prefix, failed);
      if (found) return found;
    }
    return undefined;
  }

  /** Behind the definition of a variable comes a comment and another one, or the rule line. */
  private continuation(at: number, prefix: string, failed: Set<number>): RuleStart | undefined {
    if (failed.has(at)) return undefined;
    const nameLength = prefix.length - 1;
    if (this.startsRule(at, prefix)) return { at, nameLength, target: true };
    if (this.isComment(at)) {
      const next = this.lineEnd(at) + 1;
      if (this.text.startsWith(prefix, next)) {
        const behind = next + prefix.length;
        if (
          this.dump[behind] === SPACE &&
          DEFINITION.test(this.text.slice(behind + 1, this.lineEnd(behind)))
        ) {
          const found = this.definition(next, prefix, failed);
          if (found) return found;
        }
        if (this.startsRule(next, prefix)) return { at: next, nameLength, target: false };
      }
    }
    failed.add(at);
    return undefined;
  }

  private startsRule(at: number, prefix: string): boolean {
    if (!this.text.startsWith(prefix, at)) return false;
    let behind = at + prefix.length;
    if (this.dump[behind] === COLON) behind++;
    if (this.dump[behind] !== SPACE && this.dump[behind] !== NEWLINE) return false;
    return this.isRuleLine(this.lineEnd(behind));
  }

  /** An entry for a file whose name starts with `# `. */
  private oddRule(at: number): number {
    const end = this.lineEnd(at);
    const draft = this.addDraft({ at, nameLength: -1, target: true }, end);
    this.odd.push(this.drafts.length - 1);
    return this.afterRule(draft, end + 1);
  }

  private settleOdd(): void {
    for (const index of this.odd) {
      const draft = this.drafts[index]!;
      if (this.text.slice(draft.start, draft.end) !== this.notTarget) continue;
      const start = draft.end + 1;
      const end = this.lineEnd(start);
      const alsoStart = draft.alsoStart < 0 ? -1 : Math.max(draft.alsoStart, end + 1);
      this.drafts[index] = { ...draft, start, end, target: false, alsoStart };
    }
  }

  /** Reads an entry from its rule line on; undefined when that is none. */
  private rule(found: RuleStart): number | undefined {
    const end = this.lineEnd(found.at);
    if (!this.isRuleLine(end) || !this.hasName(found.at, end)) return undefined;
    return this.afterRule(this.addDraft(found, end), end + 1);
  }

  private hasName(start: number, end: number): boolean {
    const colon = this.text.indexOf(':', start);
    return colon > start && colon < end;
  }

  private addDraft({ at, nameLength, target }: RuleStart, end: number): Draft {
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
    this.drafts.push(draft);
    return draft;
  }

  /** Reads the comments and the recipe behind a rule line. */
  private afterRule(draft: Draft, start: number): number {
    let at = start;
    for (let index = 0; this.isComment(at); index++) {
      const end = this.comment(at, index, draft);
      at = end + 1;
    }
    if (at >= this.dump.length || this.dump[at] === NEWLINE) return at;
    return this.recipe(at, draft);
  }

  /** Reads one comment and returns its end: the hottest loop, one look at each byte. */
  private comment(start: number, index: number, draft: Draft): number {
    const { dump } = this;
    let lists = false;
    let at = start + 2;
    for (; at < dump.length; at++) {
      const byte = dump[at]!;
      if (byte === NEWLINE) break;
      if (byte === SPACE) {
        if (isColonBefore(dump, at) && !this.isAutomatic(start)) lists = true;
      } else if (byte === DOT && index < 2 && this.text.startsWith('PHONY', at + 1)) draft.phony = true;
    }
    if (lists) {
      if (draft.alsoStart < 0) draft.alsoStart = start;
      draft.alsoEnd = at;
    }
    return at;
  }

  /** `# @ := name`: an automatic variable of the entry. */
  private isAutomatic(start: number): boolean {
    return this.text.startsWith(' := ', start + 3);
  }

  /**
   * Passes over the recipe at `start` and returns where the next entry's empty line is. A recipe has an empty
   * line only behind one that ends in `\`: all others start with the prefix (src/commands.c print_commands).
   */
  private recipe(start: number, draft: Draft | undefined): number {
    const { dump } = this;
    let at = start;
    let end: number;
    for (;;) {
      const gap = this.text.indexOf('\n\n', at);
      if (gap < 0) {
        end = dump.length;
        break;
      }
      let before = gap;
      while (before > start && dump[before - 1] === BACKSLASH) before--;
      // Without the prefix behind it, the empty line is the next entry's, the `\` the end of a makefile.
      if ((gap - before) % 2 === 0 || dump[gap + 2] !== dump[start]) {
        end = gap + 1;
        break;
      }
      at = gap + 2;
    }
    if (draft) draft.recipe = this.isWritten(start, end);
    return end;
  }

  /** Something other than the recipe prefix and space is in a recipe. */
  private isWritten(start: number, end: number): boolean {
    const prefix = this.dump[start];
    for (let at = start; at < end; at++) {
      const byte = this.dump[at]!;
      if (byte > SPACE && byte !== prefix) return true;
    }
    return false;
  }

  // The second pass: names.

  /** Settles each draft's name; returns all names, as bytes. */
  private nameTargets(): Set<string> {
    const names = new Set<string>();
    const unclear: Unclear[] = [];
    const doubled: Draft[] = [];
    for (const draft of this.drafts) {
      const readings = this.readings(draft);
      const first = readings[0]!;
      if (readings.length > 1) unclear.push({ draft, readings });
      else {
        take(draft, first);
        names.add(first.name);
        if (first.doubleColon) doubled.push(draft);
      }
    }
    if (unclear.length > 0) this.choose(unclear, doubled, names);
    return names;
  }

  /** The ways to read a rule line: at least one, the shortest name first, and few, for the sake of speed. */
  private readings(draft: Draft): Reading[] {
    const { dump, text } = this;
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
   * Chooses among the readings of lines like `a: b: c` the first in which all needs have entries, whichever
   * way their own lines are read; names with `: ` in them and names that end in `:` are as rare as that.
   * `names` holds the names that are sure, and has them all afterwards.
   */
  private choose(unclear: readonly Unclear[], doubled: readonly Draft[], names: Set<string>): void {
    const known = new Set(names);
    for (const { readings } of unclear) for (const { name } of readings) known.add(name);
    for (const { name } of doubled) known.add(`${name}:`);
    const possible = indexSpaced(known);
    const needed = new Set<string>();
    for (const { draft, readings } of unclear) {
      const fits = (test: (word: string) => boolean) =>
        readings.find(({ rest }) => everyWord(this.text.slice(rest + 1, draft.end), possible, test));
      const isKnown = (word: string) => known.has(word) || isMark(word);
      take(draft, fits(isKnown) ?? fits((word) => isKnown(word) || !word.endsWith(':')) ?? readings[0]!);
      names.add(draft.name);
      for (const word of splitWords(this.text.slice(draft.rest + 1, draft.end), possible)) needed.add(word);
    }
    // `b::` is the target `b:` when that is what another target needs.
    for (const draft of doubled) {
      const name = `${draft.name}:`;
      if (!needed.has(name)) continue;
      draft.name = name;
      draft.doubleColon = false;
      names.add(name);
    }
  }

  private finish(draft: Draft, names: ReadonlySet<string>, spaced: Spaced): GraphEntry {
    const { rest, end, alsoStart, alsoEnd, recipe, phony, target, doubleColon } = draft;
    let needs = NONE;
    let orderOnly = NONE;
    if (rest < end) {
      const words = splitWords(this.text.slice(rest + 1, end), spaced);
      const bar = words.indexOf('|');
      if (bar < 0) needs = this.resolve(words, names);
      else {
        orderOnly = this.resolve(words.slice(bar + 1), names);
        needs = [...this.resolve(words.slice(0, bar), names), ...orderOnly];
      }
    }
    const name = this.decode(draft.name);
    const also = alsoStart < 0 ? NONE : this.alsoMakes(alsoStart, alsoEnd, names, spaced);
    return { name, needs, orderOnly, also, recipe, phony, target, doubleColon };
  }

  /** Decodes needs and leaves out make's `.WAIT` and what make has not expanded. */
  private resolve(words: readonly string[], names: ReadonlySet<string>): readonly string[] {
    const needs: string[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      if (word === '.WAIT') continue;
      if (word.includes('$') && !names.has(word)) {
        for (let open = depth(word); open > 0 && i + 1 < words.length; open += depth(words[i]!)) i++;
        continue;
      }
      needs.push(this.decode(word));
    }
    return needs;
  }

  /** The names behind the colon of one of the comments, when nothing but names is there. */
  private alsoMakes(start: number, end: number, names: ReadonlySet<string>, spaced: Spaced) {
    for (let at = start + 2; at < end; at++) {
      if (this.dump[at] !== SPACE || !isColonBefore(this.dump, at)) continue;
      const words = splitWords(this.text.slice(at + 1, this.lineEnd(at)), spaced);
      if (words.length > 0 && words.every((word) => names.has(word))) {
        return words.map((word) => this.decode(word));
      }
    }
    return NONE;
  }

  /** A name as text, and as a string of its own: a slice would keep the whole dump in memory. */
  private decode(bytes: string): string {
    let name = this.decoded.get(bytes);
    if (name === undefined) {
      name = Buffer.from(bytes, 'latin1').toString();
      this.decoded.set(bytes, name);
    }
    return name;
  }
}

function take(draft: Draft, reading: Reading): void {
  draft.name = reading.name;
  draft.rest = reading.rest;
  draft.doubleColon = reading.doubleColon;
}

/** How many `$(` and `${` a word leaves open. */
function depth(word: string): number {
  let open = 0;
  for (const char of word) {
    if (char === '(' || char === '{') open++;
    else if (char === ')' || char === '}') open--;
  }
  return open;
}

/** A colon ends before `at`: also Chinese and Japanese ones, in UTF-8, GB 2312, Big 5 and EUC-JP. */
function isColonBefore(dump: Buffer, at: number): boolean {
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

/**
 * Makes "Also makes" hold both ways and leaves out the target itself. make prints the whole group for each
 * target of a `&:` rule (src/read.c record_files), but for a pattern rule the others, and only for the target
 * that it has looked for (src/implicit.c pattern_search).
 */
function joinPeers(entries: GraphEntry[]): GraphEntry[] {
  const peers = new Map<string, Set<string>>();
  const join = (name: string, others: readonly string[]) => {
    let set = peers.get(name);
    if (!set) peers.set(name, (set = new Set()));
    for (const other of others) if (other !== name) set.add(other);
  };
  for (const { name, also, doubleColon } of entries) {
    if (also.length === 0 || doubleColon) continue;
    join(name, also);
    if (!also.includes(name)) for (const other of also) join(other, [name, ...also]);
  }
  return entries.map((entry) => {
    if (entry.doubleColon) {
      if (entry.also.length === 0) return entry;
      return { ...entry, also: entry.also.filter((other) => other !== entry.name) };
    }
    const set = peers.get(entry.name);
    return set ? { ...entry, also: [...set] } : entry;
  });
}

/** What make prints among needs that is no name. */
function isMark(word: string): boolean {
  return word === '|' || word === '.WAIT';
}

/** Entries that are no files but make's own settings: `.PHONY`, `.SUFFIXES`, `.DEFAULT_GOAL`, … */
const SETTING = /^\.[A-Z_]+$/;

/**
 * Keeps what the goals reach, through needs and peers (`also`), and of it what says something: files that are
 * no target, need nothing and have no recipe are left out. Keeps order, and the entries as they are, so a need
 * may have lost its entry. Goals may be written with `./`, as on make's command line. When no goal has an
 * entry, all entries count as reached but make's own settings, like `.PHONY`.
 */
export function prune(entries: readonly GraphEntry[], goals: readonly string[]): GraphEntry[] {
  const byName = new Map<string, GraphEntry[]>();
  for (const entry of entries) {
    const list = byName.get(entry.name);
    if (list) list.push(entry);
    else byName.set(entry.name, [entry]);
  }
  const reached = new Set<string>();
  for (const goal of goals) {
    const name = byName.has(goal) ? goal : goal.replace(/^(?:\.\/+)+/, '');
    if (byName.has(name)) reached.add(name);
  }
  if (reached.size === 0) return entries.filter((entry) => !SETTING.test(entry.name) && saysSomething(entry));
  // A set can grow while it is walked.
  for (const name of reached) {
    for (const { needs, also } of byName.get(name) ?? []) {
      for (const need of needs) reached.add(need);
      for (const peer of also) reached.add(peer);
    }
  }
  return entries.filter((entry) => reached.has(entry.name) && saysSomething(entry));
}

function saysSomething({ target, recipe, needs, also }: GraphEntry): boolean {
  return target || recipe || needs.length > 0 || also.length > 0;
}
