// The journal: one JSON record a line, append-only (docs/journal-format.md). A reader takes what is intact and names the rest.

import fs from 'node:fs';
import { type BuildEvent, JOURNAL_VERSION } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { openPrivate, writeAll } from './owner.ts';

/** Collects records and writes them out in one piece: the recorder flushes at least every 100 ms. */
export class JournalWriter {
  readonly #fd: number;
  #waiting: string[] = [];

  /** @throws where the file cannot be made. */
  constructor(file: string) {
    this.#fd = openPrivate(file, 'ax');
  }

  append(event: BuildEvent): void {
    this.#waiting.push(JSON.stringify(event), '\n');
  }

  /** @throws when the disk is full; what was to be written is then gone. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    writeAll(this.#fd, bytes);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** What a journal holds, and what is wrong with it, a line each. */
export interface JournalContents {
  readonly events: BuildEvent[];
  readonly problems: string[];
  /** The last record is cut short: the writer was killed, or is writing. */
  readonly cut: boolean;
}

/** What a field must be, so that no reader meets anything else, whatever happened to the file. */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const time: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const yes: Check = (value) => value === true;
const status: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  (('exit' in value && count(value.exit)) || ('signal' in value && count(value.signal)));
const sizes: Check = (value) =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(count));
const counts: Check = (value) => Array.isArray(value) && value.every(count);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const SHAPES: { readonly [K in BuildEvent['e']]: Readonly<Record<Exclude<KeysOf<K>, 'e'>, Check>> } = {
  build: {
    v: count,
    id: text,
    at: time,
    argv: texts,
    cwd: text,
    root: maybe(text),
    name: maybe(text),
    pid: count,
    ticks: maybe(count),
    boot: maybe(text),
    revision: maybe(text),
    coloured: maybe(yes),
    inside: maybe(yes),
  },
  tool: {
    t: time,
    i: count,
    tool: text,
    j: count,
    cwd: text,
    argv: texts,
    at: maybe(count),
    restart: maybe(count),
  },
  goals: { i: count, goals: texts },
  toolend: { t: time, i: count, exit: maybe(time) },
  start: {
    t: time,
    j: count,
    name: text,
    target: maybe(text),
    parent: count,
    at: count,
    mid: maybe(yes),
    i: maybe(count),
    needs: maybe(text),
    newer: maybe(text),
    missing: maybe(yes),
    aside: maybe(yes),
  },
  link: { t: time, parent: count, at: count, mid: maybe(yes), j: count },
  need: { t: time, parent: count, at: count, mid: maybe(yes), name: text },
  step: { t: time, j: count, s: count, at: count, argv: texts, echo: maybe(yes) },
  stepend: {
    t: time,
    j: count,
    s: count,
    status,
    user: maybe(time),
    sys: maybe(time),
    rss: maybe(time),
  },
  out: { t: time, sizes },
  why: { t: time, j: count, why: maybe(text), newer: maybe(texts), missing: maybe(yes), command: maybe(yes) },
  end: { t: time, j: count, status: maybe(status), ignored: maybe(yes), size: count },
  note: { t: time, text },
  close: { t: time, status, interrupted: maybe(yes), jobs: count, failed: count, late: maybe(counts) },
};

type KeysOf<K extends BuildEvent['e']> = keyof Extract<BuildEvent, { readonly e: K }>;

/** No record is longer: what looks like one is a hole that a crash left in the file. */
const LONGEST = 64 * 1024 * 1024;

/** Reads a journal piece by piece, in whole records, and goes on where one grows. */
export class JournalReader {
  readonly #file: string;
  readonly #fd: number;
  #at = 0;
  #line = 1;

  /** @throws Failure when it cannot be read. */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#fd = fs.openSync(file, 'r');
    } catch (error) {
      throw new Failure(`${file}: ${reason(error)}`);
    }
  }

  /** How far it was read, in bytes, and how long the file is now. */
  get progress(): { readonly at: number; readonly size: number } {
    return { at: this.#at, size: fs.fstatSync(this.#fd).size };
  }

  /**
   * The next whole records.
   * @param most bytes, unless a record is longer.
   * @returns undefined where there are no more of them now.
   * @throws Failure when the file cannot be read, or is of another version.
   */
  read(most: number): JournalContents | undefined {
    for (let want = most; ; want *= 4) {
      const bytes = this.#bytes(want);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end > 0) return this.#take(bytes.subarray(0, end));
      if (bytes.length < want) return undefined;
    }
  }

  /** What is left at the end: a record that is cut short, or lacks but its newline. Only of a journal that grows no more. */
  rest(): JournalContents {
    return this.#take(this.#bytes(LONGEST));
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #bytes(most: number): Buffer {
    try {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(most, fs.fstatSync(this.#fd).size - this.#at)));
      return bytes.subarray(0, fs.readSync(this.#fd, bytes, 0, bytes.length, this.#at));
    } catch (error) {
      throw new Failure(`${this.#file}: ${reason(error)}`);
    }
  }

  #take(bytes: Buffer): JournalContents {
    const contents = parseJournal(bytes, this.#file, this.#line);
    this.#at += bytes.length;
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) this.#line++;
    return contents;
  }
}

/**
 * Reads the bytes of a journal.
 * @param file for messages. @param first the number of the first line.
 * @throws Failure when it is of another version.
 */
export function parseJournal(bytes: Buffer, file: string, first = 1): JournalContents {
  const events: BuildEvent[] = [];
  const problems: string[] = [];
  let cut = false;
  for (let at = 0, line = first; at < bytes.length; line++) {
    let end = bytes.indexOf(0x0a, at);
    if (end < 0) {
      end = bytes.length;
      cut = true;
    }
    const event = parseRecord(bytes.subarray(at, end), file);
    if (event) {
      events.push(event);
      cut = false;
    } else if (!cut) {
      problems.push(noRecord(file, line));
    }
    at = end + 1;
  }
  return { events, problems, cut };
}

/** What a reader says of a line that it cannot read. */
export function noRecord(file: string, line: number): string {
  return `${file}:${line}: not a record of a journal`;
}

/**
 * A record from a line, without its newline; undefined where it is none. `file` is for messages.
 * @throws Failure when it is the first record of another version.
 */
export function parseRecord(line: Buffer, file: string): BuildEvent | undefined {
  if (line.length > LONGEST) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  if (!isEvent(value)) return undefined;
  if (value.e === 'build' && value.v !== JOURNAL_VERSION)
    throw new Failure(
      `${file}: journal of version ${value.v}, this loglin reads version ${JOURNAL_VERSION}; use the loglin that wrote it`,
    );
  return value;
}

function isEvent(value: unknown): value is BuildEvent {
  if (typeof value !== 'object' || value === null || !('e' in value)) return false;
  const kind = value.e as BuildEvent['e'];
  if (typeof kind !== 'string' || !Object.hasOwn(SHAPES, kind)) return false;
  // Another version has other fields: it is refused by its number.
  if (kind === 'build' && 'v' in value && count(value.v) && value.v !== JOURNAL_VERSION) return true;
  const shape: Readonly<Record<string, Check>> = SHAPES[kind];
  for (const field in shape)
    if (shape[field]?.((value as Readonly<Record<string, unknown>>)[field]) !== true) return false;
  return true;
}
