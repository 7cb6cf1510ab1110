// Finds the problems in one job's log: bytes in, complete problems out. Knows how patterns are written
// (pattern.ts), but not what any tool prints. Holds a few lines of the log, whatever its size.

import type { ByteOffset } from '../model/ids.ts';
import { Draft } from './draft.ts';
import { type LogLine, LineReader } from './linereader.ts';
import { type Resolve, type LogLocation, folderOf, resolver } from './paths.ts';
import { type BoundedPatterns, untimed } from './boundedpatterns.ts';
import type { Below, ProblemPattern } from './pattern.ts';
import { PATTERNS } from './patterns.ts';
import type { Problem } from './problem.ts';
import { WordSearch } from './wordsearch.ts';

/** How much text before a problem is kept, for lines above it that belong to it. */
const HISTORY = 4096;
/** A problem with more text than this is cut, and a longer line is ignored: no tool prints one. */
const LARGEST = 64 * 1024;
/** How many lines a pattern can look ahead and back. */
const AHEAD = 8;
const BACK = 6;

/** `make[1]: Entering directory '/src'`, which ninja and others print as well. */
const FOLDER = /^\S+: (?<way>Entering|Leaving) directory [`'](?<folder>.*)'$/;
const FOLDER_WORD = 'ing directory ';

/**
 * `FAIL   example.com/calc        0.003s`: the package of the files above, which go's tests name without
 * their folder.
 */
const PACKAGE = /^FAIL\t(?<name>\S+)/;
const PACKAGE_WORD = 'FAIL\t';
/** At most this many problems wait for the name of their package. */
const MOST_HELD = 10_000;

let wordSearch: WordSearch | undefined;

/** The word search, built when the first log is read. */
function search(): WordSearch {
  return (wordSearch ??= new WordSearch(PATTERNS, [FOLDER_WORD, PACKAGE_WORD]));
}

/** A folder that make entered, and the one that it will return to. */
interface Entered {
  readonly name: string;
  readonly from: Entered | undefined;
}

interface Held {
  readonly problem: Problem;
  readonly bare: boolean;
}

/**
 * Where to go on after a problem, or after text that looked like one. 'more': not until more text has come.
 */
type Outcome =
  { readonly problem: Problem | undefined; readonly next: number; readonly bare?: boolean } | 'more';

/** Reads one log. */
export class Extractor {
  readonly #userPatterns: BoundedPatterns;
  /** The user pattern that was tried last. */
  #tried: ProblemPattern | undefined;
  readonly #search: WordSearch;
  readonly #resolve: Resolve;
  readonly #setting: LogLocation;
  /** The folder that make most recently said it entered. */
  #folder: Entered | undefined;
  #text = '';
  /** The offset in the log at which the text starts. */
  #base = 0;
  /** The index up to which the text has been read. */
  #from = 0;
  /** The end of the last problem: the lines before it belong to no other problem. */
  #floor = 0;
  /** The line at `#from` is too long, and is being skipped. */
  #skippingLine = false;
  /**
   * For each pattern, the offset up to which no problem of it can begin, since each attempt would fail in the
   * same way.
   */
  readonly #failsUntil = new Map<ProblemPattern, number>();
  /** Problems held back because one of them names a file without its folder. */
  #held: Held[] = [];
  /** A list of problems under one heading: where it ended, and its file. */
  #list: { readonly pattern: ProblemPattern; readonly end: number; readonly file: string } | undefined;

  /** @param userPatterns the user's patterns, tried on each line before the built-in ones. */
  constructor(setting: LogLocation, userPatterns: BoundedPatterns = untimed([])) {
    this.#userPatterns = userPatterns;
    this.#search = search();
    this.#setting = setting;
    this.#resolve = resolver(setting);
  }

  /** Takes the next bytes of the log. @returns the problems that are now complete. */
  push(bytes: Uint8Array): Problem[] {
    this.#forget();
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const end = this.#text.lastIndexOf('\n') + 1;
    if (this.#skippingLine && end > this.#from) {
      this.#from = this.#text.indexOf('\n', this.#from) + 1;
      this.#skippingLine = false;
    }
    if (this.#skippingLine) {
      this.#from = this.#text.length;
      return [];
    }
    const tooLong = this.#text.length - end > LARGEST;
    const found = this.#read(new LineReader(this.#text, end, tooLong));
    if (tooLong) {
      this.#skippingLine = true;
      this.#from = this.#text.length;
    }
    return found;
  }

  /** Ends the log. @returns the problems that were incomplete until now. */
  end(): Problem[] {
    const found = this.#skippingLine ? [] : this.#read(new LineReader(this.#text, this.#text.length, true));
    return [...found, ...this.#release(undefined)];
  }

  /** Drops the text that no problem can reach any more. */
  #forget(): void {
    const history = this.#text.lastIndexOf('\n', Math.max(0, this.#from - HISTORY)) + 1;
    const gone = this.#skippingLine ? this.#from : Math.min(history, this.#from);
    if (gone === 0) return;
    this.#text = this.#text.slice(gone);
    this.#base += gone;
    this.#from -= gone;
    this.#floor = Math.max(0, this.#floor - gone);
    if (this.#list) this.#list = { ...this.#list, end: this.#list.end - gone };
  }

  /** Reads the lines, and drops the user's patterns that take too long. */
  #read(lines: LineReader): Problem[] {
    const [from, floor, list, folder] = [this.#from, this.#floor, this.#list, this.#folder];
    while (this.#userPatterns.patterns.length > 0) {
      const held = [...this.#held];
      let found: Problem[] = [];
      const whole = this.#userPatterns.run(() => {
        found = this.#scan(lines);
      }, lines.end - from);
      if (whole) return found;
      // The work stopped somewhere in between, so its changes are undone.
      [this.#from, this.#floor, this.#list, this.#folder, this.#held] = [from, floor, list, folder, held];
      const slow = this.#tried ?? this.#userPatterns.patterns[0];
      if (slow) this.#userPatterns.drop(slow);
    }
    return this.#scan(lines);
  }

  #scan(lines: LineReader): Problem[] {
    const found: Problem[] = [];
    for (let at = this.#from; at < lines.end;) {
      // The user's patterns are tried on every line, the built-in ones only where one of their words occurs.
      const start = this.#userPatterns.patterns.length > 0 ? at : this.#search.line(lines.text, at);
      if (start >= lines.end) break;
      const { next, text } = lines.at(start);
      let outcome = this.#firstOfUser(start, lines);
      const raw = lines.text.slice(start, next);
      /** The words met in this line. A line may be full of one word; most have one word, once. */
      let met: Set<string> | undefined;
      let last: string | undefined;
      for (let from = 0; !outcome;) {
        const hit = this.#search.word(raw, from);
        if (!hit) break;
        // Words may overlap.
        from = hit.at + 1;
        if (last !== undefined) met = (met ?? new Set<string>()).add(last);
        if (met?.has(hit.word)) continue;
        last = hit.word;
        if (hit.word === FOLDER_WORD) this.#enter(text);
        if (this.#held.length > 0 && hit.word === PACKAGE_WORD)
          found.push(...this.#release(PACKAGE.exec(text)?.groups?.name));
        outcome = this.#first(hit.patterns, start, lines);
      }
      if (outcome === 'more') {
        this.#from = start;
        return found;
      }
      if (outcome?.problem) found.push(...this.#hold(outcome.problem, outcome.bare ?? false));
      at = outcome?.next ?? next;
      if (outcome) this.#floor = at;
    }
    this.#from = lines.end;
    return found;
  }

  #enter(text: string): void {
    const groups = FOLDER.exec(text)?.groups;
    if (groups?.way === 'Entering')
      this.#folder = { name: folderOf(groups.folder ?? '', this.#setting), from: this.#folder };
    else if (groups) this.#folder = this.#folder?.from;
  }

  #firstOfUser(start: number, lines: LineReader): Outcome | undefined {
    for (const pattern of this.#userPatterns.patterns) {
      this.#tried = pattern;
      const outcome = this.#try(pattern, start, lines);
      if (outcome) return outcome;
    }
    return undefined;
  }

  #first(tried: readonly ProblemPattern[], start: number, lines: LineReader): Outcome | undefined {
    for (const pattern of tried) {
      const outcome = this.#try(pattern, start, lines);
      if (outcome) return outcome;
    }
    return undefined;
  }

  /** Reads the problem that begins at this line; undefined if there is none. */
  #try(pattern: ProblemPattern, start: number, lines: LineReader): Outcome | undefined {
    const first = lines.at(start);
    const match = pattern.first.exec(first.text);
    if (!match) return undefined;
    if (this.#base + start < (this.#failsUntil.get(pattern) ?? 0)) return undefined;
    const draft = new Draft(pattern, first.text, start);
    draft.take(match.groups, start);
    if (pattern.needs || pattern.unless) {
      const ahead = lines.joined(first.next, AHEAD);
      if (ahead === undefined && !isLarge(start, lines)) return 'more';
      if (pattern.needs && !pattern.needs.test(ahead ?? '')) return undefined;
      if (pattern.unless?.test(ahead ?? '')) return undefined;
    }
    const from = this.#above(pattern, draft, start, lines);
    if (from === undefined) return undefined;
    const block = takeBelow(pattern, draft, first, lines);
    if (block === 'more') return 'more';
    const { next, none } = block;
    const offset = (index: number): ByteOffset => (this.#base + index) as ByteOffset;
    const entered = this.#folder?.name;
    const resolve = (file: string): string =>
      pattern.bare && !file.includes('/') ? file : this.#resolve(file, entered, this.#base + start);
    const range = { from: offset(from), to: offset(block.to), at: offset(draft.at), entered };
    const problem = none ? undefined : draft.problem(range, resolve);
    // Many lines like this one would each be followed by the same lines. A cut problem may end differently
    // for the last of them.
    if (!problem && next > first.next)
      this.#failsUntil.set(pattern, this.#base + (next - start > LARGEST ? start + LARGEST / 2 : next));
    if (none) return undefined;
    if (pattern.heading && draft.file !== undefined) this.#list = { pattern, end: next, file: draft.file };
    return (
      problem && { problem, next, bare: (pattern.bare ?? false) && /^[^/]+\.go$/.test(problem.file ?? '') }
    );
  }

  /** @returns the problems that are now complete. */
  #hold(problem: Problem, bare: boolean): readonly Problem[] {
    if (this.#held.length === 0 && !(bare && this.#setting.exists)) return [problem];
    this.#held.push({ problem, bare });
    return this.#held.length > MOST_HELD ? this.#release(undefined) : [];
  }

  /** Releases the held problems. Their files are looked for below the folder of the package. */
  #release(name: string | undefined): readonly Problem[] {
    const held = this.#held;
    this.#held = [];
    return held.map(({ problem, bare }) => {
      const file = bare && name !== undefined ? this.#fileOf(name, problem) : undefined;
      return file === undefined ? problem : { ...problem, file };
    });
  }

  /** Only the end of a package's name is its folder: `example.com/module/v2/calc`. */
  #fileOf(name: string, { file, entered, from }: Problem): string | undefined {
    if (file === undefined) return undefined;
    const parts = name.split('/');
    for (let i = 0; i <= parts.length && i < 100; i++) {
      const there = this.#resolve([...parts.slice(i), file].join('/'), entered, from);
      if (this.#setting.exists?.(there)) return there;
    }
    return undefined;
  }

  /** Takes the lines above. @returns where the problem starts; undefined if it is not a problem. */
  #above(pattern: ProblemPattern, draft: Draft, start: number, lines: LineReader): number | undefined {
    if (pattern.heading) return this.#underHeading(pattern, pattern.heading, draft, start, lines);
    let from = start;
    if (pattern.block) {
      const above = linesAbove(start, this.#floor, lines, BACK);
      const match = pattern.block.exec(above.map((line) => `${line.text}\n`).join(''));
      if (!match && pattern.needsBlock) return undefined;
      draft.take(match?.groups, start);
      const count = match ? match[0].replace(/^\n/, '').split('\n').length - 1 : 0;
      from = above.at(-count)?.start ?? start;
    }
    if (pattern.above) {
      const groups: (Readonly<Record<string, string>> | undefined)[] = [];
      for (let line = lines.before(from, this.#floor); line; line = lines.before(from, this.#floor)) {
        const match = pattern.above.exec(line.text);
        if (!match) break;
        groups.unshift(match.groups);
        from = line.start;
      }
      for (const one of groups) draft.take(one, start);
    }
    return from;
  }

  #underHeading(
    pattern: ProblemPattern,
    heading: RegExp,
    draft: Draft,
    start: number,
    lines: LineReader,
  ): number | undefined {
    if (this.#list?.pattern === pattern && this.#list.end === start) {
      draft.file = this.#list.file;
      return start;
    }
    const line = lines.before(start, this.#floor);
    draft.file = line && heading.exec(line.text)?.groups?.file;
    return draft.file === undefined ? undefined : line?.start;
  }
}

/** Whether so much text stands below a first line that no more is waited for. */
function isLarge(start: number, lines: LineReader): boolean {
  return lines.end - start > LARGEST;
}

/** The lines directly above, from the top down. */
function linesAbove(start: number, floor: number, lines: LineReader, count: number): LogLine[] {
  const above: LogLine[] = [];
  for (let line = lines.before(start, floor); line && above.length < count;) {
    above.unshift(line);
    line = lines.before(line.start, floor);
  }
  return above;
}

/**
 * Takes the lines below.
 * @returns where the next problem can start, and where this one ends, which is before any empty lines at its
 *   end; `none`: this is not a problem.
 */
function takeBelow(
  { below }: ProblemPattern,
  draft: Draft,
  first: LogLine,
  lines: LineReader,
): { readonly next: number; readonly to: number; readonly none?: true } | 'more' {
  let to = first.next;
  if (!below) return { next: to, to };
  const large = isLarge(first.start, lines);
  let before = first.text;
  let paragraph = false;
  for (let at = first.next; at - first.start <= LARGEST;) {
    if (at >= lines.end) {
      if (lines.final || large) break;
      return 'more';
    }
    const line = lines.at(at);
    if (paragraph && /^\s/.test(line.text)) {
      draft.append(' ', line.text.trim());
    } else {
      const rule = findRule(below, line, before, lines, large);
      if (rule === 'more') return 'more';
      if (!rule) break;
      if (rule.none) return { next: line.next, to, none: true };
      draft.apply(rule, line.text, line.start);
      paragraph = rule.paragraph ?? false;
      if (rule.ends) {
        const ahead = rule.unless ? lines.joined(line.next, AHEAD) : '';
        if (ahead === undefined && !large) return 'more';
        if (!rule.unless?.test(ahead ?? '')) return { next: line.next, to: line.next };
      }
    }
    if (line.text !== '') to = line.next;
    before = line.text;
    at = line.next;
  }
  return { next: to, to };
}

function findRule(
  rules: readonly Below[],
  line: LogLine,
  before: string,
  lines: LineReader,
  large: boolean,
): Below | 'more' | undefined {
  for (const rule of rules) {
    if (!rule.is.test(line.text)) continue;
    if (rule.after && !rule.after.test(before)) continue;
    const below = rule.next ?? rule.then;
    if (below) {
      const ahead = lines.joined(line.next, rule.next ? 1 : AHEAD);
      if (ahead === undefined && !large) return 'more';
      if (!below.test(ahead ?? '')) continue;
    }
    return rule;
  }
  return undefined;
}
