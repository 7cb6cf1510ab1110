// Finds the problems that one job's log tells of: bytes in, problems out, as they are complete. Knows the words of the patterns
// (pattern.ts), not what any tool says; holds a few lines of the log, whatever its size.
//
// Most lines of a log are none of its problems. So the text is first searched for the words that the patterns name, all at once, and only
// lines with one of them are looked at.

import type { ByteOffset } from '../model/ids.ts';
import { type Line, Lines } from './lines.ts';
import { type Resolve, type Setting, folderOf, resolver } from './paths.ts';
import type { Below, Pattern } from './pattern.ts';
import { patterns } from './patterns.ts';
import type { Note, Problem, Severity } from './problem.ts';

/** What is kept of the text before a problem, for the lines above it. */
const HISTORY = 4096;
/** A problem with more text than this is cut. A line with more is no line of a tool. */
const LARGEST = 64 * 1024;
/** How many lines a pattern can look ahead, and back. */
const AHEAD = 8;
const BACK = 6;

/** `make[1]: Entering directory '/src'`, which ninja and others print as well. */
const FOLDER = /^\S+: (?<way>Entering|Leaving) directory [`'](?<folder>.*)'$/;
const FOLDER_WORD = 'ing directory ';

/** Reads one log. */
export class Extractor {
  readonly #own: readonly Pattern[];
  readonly #search: Search;
  readonly #resolve: Resolve;
  readonly #setting: Setting;
  /** Where the log's lines were printed: the folders that a make said it entered. */
  readonly #folders: string[] = [];
  #text = '';
  /** The log's offset of the text's start. */
  #base = 0;
  /** What is before this index was looked at. */
  #from = 0;
  /** The end of the last problem: no line before belongs to another. */
  #floor = 0;
  /** The line that `#from` is in is too long: nothing of it is looked at. */
  #dropping = false;
  /** A list of problems under one heading: where it ended, and the file. */
  #list: { readonly pattern: Pattern; readonly end: number; readonly file: string } | undefined;

  /** @param own a user's patterns, tried on each line before the others. */
  constructor(setting: Setting, own: readonly Pattern[] = []) {
    this.#own = own;
    this.#search = search();
    this.#setting = setting;
    this.#resolve = resolver(setting);
  }

  /** Takes the next bytes of the log. @returns the problems that are complete. */
  push(bytes: Uint8Array): Problem[] {
    this.#forget();
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const end = this.#text.lastIndexOf('\n') + 1;
    const found: Problem[] = [];
    if (this.#dropping && end > this.#from) {
      this.#from = this.#text.indexOf('\n', this.#from) + 1;
      this.#dropping = false;
    }
    if (!this.#dropping) this.#scan(new Lines(this.#text, end, false), found);
    if (this.#from >= end && this.#text.length - this.#from > LARGEST) this.#dropping = true;
    if (this.#dropping) this.#from = this.#text.length;
    return found;
  }

  /** The log ends here. @returns what was not complete without knowing that. */
  end(): Problem[] {
    const found: Problem[] = [];
    if (!this.#dropping) this.#scan(new Lines(this.#text, this.#text.length, true), found);
    return found;
  }

  /** Lets go of the text that no problem can reach any more. */
  #forget(): void {
    const cut = this.#text.lastIndexOf('\n', Math.max(0, this.#from - HISTORY)) + 1;
    const keep = Math.min(cut, this.#from);
    if (keep === 0) return;
    this.#text = this.#text.slice(keep);
    this.#base += keep;
    this.#from -= keep;
    this.#floor = Math.max(0, this.#floor - keep);
    if (this.#list) this.#list = { ...this.#list, end: this.#list.end - keep };
  }

  #scan(lines: Lines, found: Problem[]): void {
    let hit: Hit | undefined;
    let at = this.#from;
    while (at < lines.end) {
      if (!hit || hit.index < at) hit = this.#search.next(lines.text, at);
      let start = at;
      let tried: readonly Pattern[] = this.#own;
      if (this.#own.length === 0) {
        if (hit.index >= lines.end) break;
        start = lines.text.lastIndexOf('\n', hit.index) + 1;
        tried = hit.patterns;
      }
      const { next, text } = lines.at(start);
      // A line with a user's pattern, else with some of the words.
      let outcome = this.#first(tried, start, lines);
      while (!outcome && hit.index < next) {
        if (hit.word === FOLDER_WORD) this.#enter(text);
        else if (hit.patterns !== tried) outcome = this.#first(hit.patterns, start, lines);
        hit = outcome ? hit : this.#search.next(lines.text, hit.index + hit.word.length);
        tried = [];
      }
      if (outcome === 'more') {
        this.#from = start;
        return;
      }
      if (outcome) {
        if (outcome.problem) found.push(outcome.problem);
        at = this.#floor = outcome.next;
      } else {
        at = next;
      }
    }
    this.#from = lines.end;
  }

  #enter(text: string): void {
    const groups = FOLDER.exec(text)?.groups;
    if (groups?.way === 'Entering') this.#folders.push(folderOf(groups.folder ?? '', this.#setting));
    else if (groups) this.#folders.pop();
  }

  #first(tried: readonly Pattern[], start: number, lines: Lines): Outcome | undefined {
    for (const pattern of tried) {
      const outcome = this.#try(pattern, start, lines);
      if (outcome) return outcome;
    }
    return undefined;
  }

  /** Reads the problem whose first line this is; undefined where it is none. */
  #try(pattern: Pattern, start: number, lines: Lines): Outcome | undefined {
    const first = lines.at(start);
    const groups = pattern.first.exec(first.text)?.groups;
    if (!groups && !pattern.first.test(first.text)) return undefined;
    const draft = new Draft(pattern);
    draft.take(groups);
    if (pattern.needs || pattern.unless) {
      const ahead = lines.joined(first.next, AHEAD);
      if (ahead === undefined && !this.#large(start, lines)) return 'more';
      if (pattern.needs && !pattern.needs.test(ahead ?? '')) return undefined;
      if (pattern.unless?.test(ahead ?? '')) return undefined;
    }
    const from = this.#above(pattern, draft, start, lines);
    if (from === undefined) return undefined;
    const block = this.#below(pattern, draft, first, lines);
    if (block === 'more' || block === undefined) return block;
    const { next, to } = block;
    const at = (index: number): ByteOffset => (this.#base + index) as ByteOffset;
    const folder = this.#folders.at(-1);
    const resolve = (file: string): string =>
      pattern.bare && !file.includes('/') ? file : this.#resolve(file, folder);
    const problem = draft.problem(first.text, { from: at(from), to: at(to), at: at(start) }, resolve);
    if (pattern.heading && draft.file !== undefined) this.#list = { pattern, end: next, file: draft.file };
    return problem ? { problem, next } : undefined;
  }

  /** Takes the lines above. @returns where the problem starts; undefined where it is none. */
  #above(pattern: Pattern, draft: Draft, start: number, lines: Lines): number | undefined {
    const floor = this.#floor;
    let from = start;
    if (pattern.heading) {
      let line = this.#list?.pattern === pattern && this.#list.end === start ? undefined : lines.before(start, floor);
      if (!line) {
        if (this.#list?.end !== start) return undefined;
        draft.file = this.#list.file;
        return from;
      }
      const file = pattern.heading.exec(line.text)?.groups?.file;
      if (file === undefined) return undefined;
      draft.file = file;
      from = line.start;
      line = undefined;
    }
    if (pattern.block) {
      const above: Line[] = [];
      for (let line = lines.before(start, floor); line && above.length < BACK; line = lines.before(line.start, floor))
        above.unshift(line);
      const text = above.map((line) => `${line.text}\n`).join('');
      const match = pattern.block.exec(text);
      if (match) {
        draft.take(match.groups);
        const count = match[0].replace(/^\n/, '').split('\n').length - 1;
        from = above.at(-count)?.start ?? from;
      } else if (pattern.needsBlock) {
        return undefined;
      }
    }
    if (pattern.above) {
      const all: (Record<string, string> | undefined)[] = [];
      for (let line = lines.before(from, floor); line; line = lines.before(line.start, floor)) {
        const match = pattern.above.exec(line.text);
        if (!match) break;
        all.unshift(match.groups);
        from = line.start;
      }
      for (const groups of all) draft.take(groups);
    }
    return from;
  }

  /** Takes the lines below. @returns where the next problem can start, and where this one ends: empty lines at its end are not its own. */
  #below(
    pattern: Pattern,
    draft: Draft,
    first: Line,
    lines: Lines,
  ): { next: number; to: number } | 'more' | undefined {
    let to = first.next;
    if (!pattern.below) return { next: to, to };
    const large = this.#large(first.start, lines);
    let before = first.text;
    let paragraph = false;
    let at = first.next;
    for (;;) {
      if (at >= lines.end) {
        if (lines.final || large) break;
        return 'more';
      }
      const line = lines.at(at);
      if (paragraph && /^\s/.test(line.text)) {
        draft.append(line.text.trim());
      } else {
        paragraph = false;
        const rule = findRule(pattern.below, line, before, lines, large);
        if (rule === 'more') return 'more';
        if (!rule) break;
        if (rule.none) return undefined;
        draft.apply(rule, line.text);
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
      if (at - first.start > LARGEST) break;
    }
    return { next: to, to };
  }

  /** So much text below a first line is not waited for. */
  #large(start: number, lines: Lines): boolean {
    return lines.end - start > LARGEST;
  }
}

type Outcome = { readonly problem: Problem | undefined; readonly next: number } | 'more';

function findRule(
  rules: readonly Below[],
  line: Line,
  before: string,
  lines: Lines,
  large: boolean,
): Below | 'more' | undefined {
  for (const rule of rules) {
    if (!rule.is.test(line.text)) continue;
    if (rule.after && !rule.after.test(before)) continue;
    if (rule.then) {
      const ahead = lines.joined(line.next, AHEAD);
      if (ahead === undefined && !large) return 'more';
      if (!rule.then.test(ahead ?? '')) continue;
    }
    return rule;
  }
  return undefined;
}

/** What is known of a place so far. */
interface DraftPlace {
  file: string | undefined;
  line: number | undefined;
  column: number | undefined;
}

type Groups = Readonly<Record<string, string | undefined>> | undefined;

/** A problem that is being read. */
class Draft implements DraftPlace {
  readonly #pattern: Pattern;
  file: string | undefined;
  line: number | undefined;
  column: number | undefined;
  #severity: string | undefined;
  #code: string | undefined;
  #what: string | undefined;
  #message: string | undefined;
  readonly #notes: (DraftPlace & { message: string | undefined })[] = [];

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  /** Takes what is not known yet. */
  take(groups: Groups, replaces = false): void {
    if (!groups) return;
    const { severity, code, what, message } = groups;
    takePlace(this, groups, replaces);
    this.#severity ??= severity;
    this.#what ??= what;
    if ('message' in groups && (replaces || !this.#message)) this.#message = message;
    if (code !== undefined && (replaces || this.#code === undefined)) this.#code = code;
  }

  apply(rule: Below, text: string): void {
    const groups = rule.is.exec(text)?.groups;
    if (rule.note) {
      const note = { file: undefined, line: undefined, column: undefined, message: groups?.message };
      if (groups) takePlace(note, groups, false);
      this.#notes.push(note);
      return;
    }
    const note = rule.replaces ? undefined : this.#notes.at(-1);
    if (note) {
      if (!groups) return;
      takePlace(note, groups, false);
      note.message ??= groups.message;
      return;
    }
    if (rule.joins || rule.completes) {
      if (groups?.message === undefined || this.#message === undefined) return;
      if (rule.joins) this.#message += `; ${groups.message}`;
      else if (this.#message.endsWith(':')) this.#message += ` ${groups.message}`;
      return;
    }
    this.take(groups, rule.replaces);
    if (rule.caret && this.column === undefined && this.line !== undefined) this.column = text.indexOf('^') + 1;
  }

  append(text: string): void {
    this.#message = this.#message === undefined ? text : `${this.#message} ${text}`;
  }

  problem(
    first: string,
    range: Pick<Problem, 'from' | 'to' | 'at'>,
    resolve: (file: string) => string,
  ): Problem | undefined {
    const pattern = this.#pattern;
    if (pattern.needsMessage && this.#message === undefined && this.#code === undefined) return undefined;
    const said = [this.#what, this.#message].filter((part) => part !== undefined && part !== '').join(': ');
    const message = said === '' ? (this.#code ?? first.replace(/^[\s#]+/, '')) : said;
    const severity: Severity =
      this.#severity === undefined ? (pattern.severity ?? 'error') : severityOf(this.#severity);
    return {
      severity,
      summary: pattern.summary ?? false,
      tool: pattern.tool,
      ...placeOf(this, resolve),
      code: this.#code,
      message: oneLine(message),
      notes: this.#notes.map((note): Note => ({ ...placeOf(note, resolve), message: oneLine(note.message ?? '') })),
      ...range,
    };
  }
}

function takePlace(place: DraftPlace, groups: NonNullable<Groups>, replaces: boolean): void {
  const { file, line, column } = groups;
  if (file === undefined) {
    // A list under a heading: the file comes from there.
    if (place.line === undefined && line !== undefined) {
      place.line = number(line);
      place.column = number(column);
    }
    return;
  }
  if (place.file === undefined || replaces) {
    place.file = file;
    place.line = number(line);
    place.column = number(column);
  } else if (place.file === file && place.line === number(line)) {
    place.column ??= number(column);
  }
}

function placeOf(place: DraftPlace, resolve: (file: string) => string): DraftPlace {
  const { file, line, column } = place;
  return { file: file === undefined ? undefined : resolve(file), line, column };
}

/** Lines and columns count from 1; what is no such number is none. */
function number(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && value >= 1 && Number.isSafeInteger(value) ? value : undefined;
}

const severityOf = (word: string): Severity => (/warn/i.test(word) ? 'warning' : 'error');
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** A word that was found, and the patterns that have it. */
interface Hit {
  readonly index: number;
  readonly word: string;
  readonly patterns: readonly Pattern[];
}

/** Searches raw text for all words of the table at once. */
class Search {
  readonly #expression: RegExp;
  readonly #patterns: ReadonlyMap<string, readonly Pattern[]>;

  constructor(table: readonly Pattern[]) {
    const words = new Set(table.flatMap(({ words: own = [] }) => own.map(raw)));
    words.add(FOLDER_WORD);
    // The longest first, since a word can be the start of another; and then its patterns count as well.
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

  next(text: string, from: number): Hit {
    this.#expression.lastIndex = from;
    const match = this.#expression.exec(text);
    if (!match) return NONE;
    const word = match[0];
    return { index: match.index, word, patterns: this.#patterns.get(word) ?? [] };
  }
}

const NONE: Hit = { index: Infinity, word: '', patterns: [] };

/** As it stands in text of one character a byte. */
const raw = (word: string): string => Buffer.from(word).toString('latin1');

let known: Search | undefined;

/** Made when the first log is read. */
function search(): Search {
  return (known ??= new Search(patterns()));
}
