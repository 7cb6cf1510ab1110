// Reads a journal: one JSON record per line, append-only (docs/journal-format.md). Accepts what is intact and
// reports the rest.

import type { BuildEnded, BuildEvent, BuildStarted } from '../model/events.ts';
import { Failure } from '../model/failure.ts';
import { type GrowingBytes, Tail } from './tail.ts';
import { JOURNAL, type VersionFields, isNewer, isReadable, passedOver, readsOnly } from './versions.ts';

/**
 * The records of a journal, and its problems, one line each. Damaged stretches without any record are
 * reported by their number of lines.
 */
export interface JournalContents {
  readonly events: BuildEvent[];
  readonly problems: string[];
  readonly unnamed: number;
}

/** At most this many damaged lines are named. */
const MOST_NAMED = 1000;

/** Checks a field, so that readers meet no other values even in a damaged file. */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const texts: Check = (value) => Array.isArray(value) && value.every(text);
/** A number between two others. */
const within =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
/**
 * What a Date can hold: 100,000,000 days around 1970 (ECMA-262, 21.4.1.1), less the longest time that may be
 * added.
 */
const DAY_MS = 86_400_000;
const date = within(-5e7 * DAY_MS, 5e7 * DAY_MS);
/** In milliseconds since the build's start; negative if the clock was set back. */
const time = within(-5e7 * DAY_MS, 5e7 * DAY_MS);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** In microseconds or KiB. */
const amount = within(0, Number.MAX_SAFE_INTEGER);
const isTrue: Check = (value) => value === true;
const truth: Check = (value) => typeof value === 'boolean';
/** A process number. Linux has up to 2^22, and no other system needs more than 31 bits. */
const pid: Check = (value) => count(value) && within(0, 2 ** 31 - 1)(value);
/** Systems have 8 bits for it, some tools' own reports have 32. */
const exit: Check = (value) => count(value) && within(0, 2 ** 32 - 1)(value);
/** wait(2) has 7 bits for it. */
const signal: Check = (value) => count(value) && within(1, 127)(value);
const status: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, 'exit')
    ? exit((value as { exit: unknown }).exit)
    : Object.hasOwn(value, 'signal') && signal((value as { signal: unknown }).signal));
const sizes: Check = (value) =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(count));
const ranges: Check = (value) =>
  Array.isArray(value) &&
  value.every((range) => Array.isArray(range) && range.length === 3 && range.every(count));
const counts: Check = (value) => Array.isArray(value) && value.every(count);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const SHAPES: { readonly [K in BuildEvent['e']]: Readonly<Record<Exclude<KeysOf<K>, 'e'>, Check>> } = {
  build: {
    v: count,
    minor: maybe(count),
    id: text,
    at: date,
    argv: texts,
    cwd: text,
    root: maybe(text),
    name: maybe(text),
    pid,
    ticks: maybe(count),
    boot: maybe(text),
    ns: maybe(count),
    workspace: maybe(text),
    revision: maybe(text),
    coloured: maybe(isTrue),
    silent: maybe(isTrue),
    inside: maybe(isTrue),
  },
  tool: {
    t: time,
    i: count,
    tool: text,
    j: count,
    cwd: text,
    argv: texts,
    at: maybe(count),
    piped: maybe(isTrue),
    born: maybe(text),
  },
  said: { i: count, ranges: sizes },
  goals: { i: count, goals: texts },
  toolend: { t: time, i: count, exit: maybe(within(-(2 ** 31), 2 ** 32 - 1)), keepGoing: maybe(truth) },
  start: {
    t: time,
    j: count,
    name: text,
    target: maybe(text),
    parent: count,
    at: count,
    mid: maybe(isTrue),
    i: maybe(count),
    needs: maybe(text),
    newer: maybe(text),
    missing: maybe(isTrue),
    aside: maybe(isTrue),
    piped: maybe(isTrue),
    to: maybe((value) => value === 'pipe'),
    kept: maybe(isTrue),
    born: maybe(text),
    folder: maybe(text),
  },
  link: { t: time, parent: count, at: count, mid: maybe(isTrue), j: count },
  need: { t: time, parent: count, at: count, mid: maybe(isTrue), name: text },
  step: { t: time, j: count, s: count, at: count, argv: texts, echo: maybe(isTrue) },
  stepend: {
    t: time,
    j: count,
    s: count,
    status,
    user: maybe(amount),
    sys: maybe(amount),
    rss: maybe(amount),
  },
  out: { t: time, sizes },
  passed: { t: time, sizes, without: maybe(ranges), idle: maybe(counts) },
  why: {
    t: time,
    j: count,
    why: maybe(text),
    newer: maybe(texts),
    missing: maybe(isTrue),
    command: maybe(isTrue),
  },
  end: {
    t: time,
    j: count,
    status: maybe(status),
    ignored: maybe(isTrue),
    skipped: maybe(isTrue),
    size: count,
  },
  note: { t: time, text, unsplit: maybe(isTrue) },
  close: { t: time, status, interrupted: maybe(isTrue), jobs: count, failed: count, late: maybe(counts) },
};

type KeysOf<K extends BuildEvent['e']> = keyof Extract<BuildEvent, { readonly e: K }>;

/** No record is longer. A longer line is a hole that a crash left in the file. */
const LONGEST = 64 * 1024 * 1024;

/** No record is shorter. Lines that are no records are often empty. */
const SHORTEST = '{"e":"out"}'.length;

/** Reads a journal in chunks of whole records, and continues as it grows. */
export class JournalReader {
  readonly #file: string;
  readonly #lines: Tail;
  #read = 0;
  #damaged = 0;
  /** The version in the first record. */
  #version: VersionFields = {};
  #hasUnknown = false;

  /**
   * @param chunk the size of each read in bytes.
   * @throws Failure if the file cannot be read.
   */
  constructor(file: GrowingBytes, chunk?: number) {
    this.#file = file.name;
    this.#lines = new Tail(file, chunk, LONGEST);
    this.#lines.open();
  }

  /** How much was read, in bytes, and the current size of the file. */
  get progress(): { readonly at: number; readonly size: number } {
    return this.#lines.progress;
  }

  /**
   * Returns the next whole records.
   * @returns undefined if there is nothing more now.
   * @throws Failure if the file cannot be read, or has another version.
   */
  read(): JournalContents | undefined {
    const events: BuildEvent[] = [];
    const problems: string[] = [];
    let unnamed = 0;
    const more = this.#lines.read((line) => {
      this.#read++;
      const event = parseRecord(line, this.#file);
      if (event?.e === 'build') this.#version = event;
      if (event) events.push(event);
      else if (this.#isUnknown(line)) this.#hasUnknown = true;
      else if (this.#damaged++ >= MOST_NAMED) unnamed++;
      else problems.push(`${this.#file}:${this.#read}: not a record of a journal`);
    });
    return more ? { events, problems, unnamed } : undefined;
  }

  /**
   * Returns what remains at the end: a record that lacks only its newline, or 'cut' if it is incomplete. Call
   * this only if the journal grows no more.
   */
  rest(): BuildEvent | 'cut' | undefined {
    const begun = this.#lines.begun;
    if (!begun) return undefined;
    const event = parseRecord(begun, this.#file);
    if (event) return event;
    if (!this.#isUnknown(begun)) return 'cut';
    this.#hasUnknown = true;
    return undefined;
  }

  /** Reports what was skipped because a newer loglin wrote it. */
  get note(): string | undefined {
    return this.#hasUnknown ? passedOver(this.#file, JOURNAL, this.#version) : undefined;
  }

  /** Is this a record of a kind that only newer versions have? */
  #isUnknown(line: Buffer): boolean {
    return (
      isNewer(JOURNAL, this.#version) && line.length <= LONGEST && isUnknownKind(parsed(line.toString()))
    );
  }

  close(): void {
    this.#lines.close();
  }
}

/**
 * Parses a record from a line without its newline. Returns undefined if it is not one.
 * @param file the journal's name in messages.
 * @throws Failure if it is the first record of another version.
 */
export function parseRecord(line: Buffer, file: string): BuildEvent | undefined {
  if (line.length > LONGEST || line.length < SHORTEST) return undefined;
  const value = parsed(line.toString());
  if (!isEvent(value)) return undefined;
  if (value.e === 'build' && !isReadable(JOURNAL, value))
    throw new Failure(
      `${file}: journal of version ${value.v}, ${readsOnly(JOURNAL)}; use the loglin that wrote it`,
    );
  return value;
}

/** The part of a first record that a listing needs. */
export interface FirstRecord {
  /** Undefined for a version with other fields. */
  readonly started: BuildStarted | undefined;
  readonly version: number;
}

/** Parses the first record of a journal of any version. Returns undefined if it is not one. */
export function parseFirstRecord(line: string): FirstRecord | undefined {
  const value = parsed(line);
  if (!isEvent(value) || value.e !== 'build') return undefined;
  return { started: hasShape(value, 'build') ? value : undefined, version: value.v };
}

/** Parses the last record of a journal. Returns undefined if it is not one. */
export function parseLastRecord(line: string): BuildEnded | undefined {
  const value = parsed(line);
  return isEvent(value) && value.e === 'close' ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is BuildEvent {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'e')) return false;
  const kind = (value as BuildEvent).e;
  if (typeof kind !== 'string' || !Object.hasOwn(SHAPES, kind)) return false;
  // Another version has other fields. It is refused because of its number.
  if (kind === 'build' && 'v' in value && count(value.v) && !isReadable(JOURNAL, { v: value.v as number }))
    return true;
  return hasShape(value, kind);
}

function isUnknownKind(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'e')) return false;
  const { e: kind } = value as { e: unknown };
  return typeof kind === 'string' && !Object.hasOwn(SHAPES, kind);
}

function hasShape(value: object, kind: BuildEvent['e']): boolean {
  const shape: Readonly<Record<string, Check>> = SHAPES[kind];
  for (const field in shape)
    if (shape[field]?.((value as Readonly<Record<string, unknown>>)[field]) !== true) return false;
  return true;
}
