// A problem while it is being read, line by line: the values that its patterns' groups have captured so far.

import type { Below, ProblemPattern } from './pattern.ts';
import type { Note, Place, Problem, Severity } from './problem.ts';

type Groups = Readonly<Record<string, string | undefined>> | undefined;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Draft implements Mutable<Place> {
  file: string | undefined;
  line: number | undefined;
  column: number | undefined;
  /** The position of the line that gave the message; else that of the first line. */
  at: number;
  readonly #pattern: ProblemPattern;
  readonly #first: string;
  #severity: string | undefined;
  #code: string | undefined;
  #what: string | undefined;
  #message: string | undefined;
  readonly #notes: Mutable<Place & { message: string | undefined }>[] = [];

  /** @param first the problem's first line. @param at the position of that line. */
  constructor(pattern: ProblemPattern, first: string, at: number) {
    this.#pattern = pattern;
    this.#first = first;
    this.at = at;
  }

  /** Fills in whatever is still unknown from the line at this position. */
  take(groups: Groups, at: number, replaces = false): void {
    if (!groups) return;
    const { severity, code, what, message } = groups;
    takePlace(this, groups, replaces);
    this.#severity ??= severity;
    this.#what ??= what;
    if ('message' in groups && (replaces || !this.#message)) {
      this.#message = message;
      this.at = at;
    }
    if (code !== undefined && (replaces || this.#code === undefined)) this.#code = code;
  }

  /** Applies a rule to a line below the first. */
  apply(rule: Below, text: string, at: number): void {
    const groups: Groups = rule.is.exec(text)?.groups;
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
    } else if (rule.joins) {
      this.append('; ', groups?.message);
    } else if (rule.completes) {
      if (this.#message?.endsWith(':')) this.append(' ', groups?.message);
    } else {
      this.take(groups, at, rule.replaces);
      if (rule.caret && this.line !== undefined) this.column ??= text.indexOf('^') + 1;
    }
  }

  append(separator: string, text: string | undefined): void {
    if (this.#message !== undefined && text !== undefined) this.#message += separator + text;
  }

  /** @returns undefined if something that the pattern requires is missing. */
  problem(
    range: Pick<Problem, 'from' | 'to' | 'at' | 'entered'>,
    resolve: (file: string) => string,
  ): Problem | undefined {
    const pattern = this.#pattern;
    if (pattern.needsMessage && this.#message === undefined && this.#code === undefined) return undefined;
    const text = [this.#what, this.#message].filter((part) => part !== undefined && part !== '').join(': ');
    const message = text === '' ? (this.#code ?? this.#first.replace(/^[\s#]+/, '')) : text;
    return {
      severity: this.#severity === undefined ? (pattern.severity ?? 'error') : severityOf(this.#severity),
      summary: pattern.summary ?? false,
      tool: pattern.tool,
      ...placeOf(this, resolve),
      code: this.#code,
      message: oneLine(message),
      notes: this.#notes.map((note): Note => ({
        ...placeOf(note, resolve),
        message: oneLine(note.message ?? ''),
      })),
      ...range,
    };
  }
}

function takePlace(place: Mutable<Place>, groups: NonNullable<Groups>, replaces: boolean): void {
  const { file, line, column } = groups;
  if (file === undefined) {
    // In a list under a heading, the heading names the file.
    if (place.line === undefined && line !== undefined) {
      place.line = number(line);
      place.column = number(column);
    }
  } else if (place.file === undefined || replaces) {
    place.file = file;
    place.line = number(line);
    place.column = number(column);
  } else if (place.file === file && place.line === number(line)) {
    place.column ??= number(column);
  }
}

function placeOf({ file, line, column }: Place, resolve: (file: string) => string): Place {
  return { file: file === undefined ? undefined : resolve(file), line, column };
}

/** Parses a line or column number. These count from 1; anything else gives undefined. */
function number(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && value >= 1 && Number.isSafeInteger(value) ? value : undefined;
}

const severityOf = (word: string): Severity => (/warn/i.test(word) ? 'warning' : 'error');
const oneLine = (text: string): string =>
  (/\s\s|[^\S ]/.test(text) ? text.replaceAll(/\s+/g, ' ') : text).trim();
