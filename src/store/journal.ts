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

const KINDS = new Set<string>([
  'build',
  'tool',
  'goals',
  'toolend',
  'start',
  'link',
  'need',
  'step',
  'stepend',
  'out',
  'end',
  'note',
  'close',
] satisfies BuildEvent['e'][]);

/**
 * Reads a journal.
 * @throws Failure when it cannot be read at all, or is of another version.
 */
export function readJournal(file: string): JournalContents {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
  return parseJournal(bytes, file);
}

/** As readJournal, on the bytes of a journal. `file` is for messages. */
export function parseJournal(bytes: Buffer, file: string): JournalContents {
  const events: BuildEvent[] = [];
  const problems: string[] = [];
  let cut = false;
  for (let at = 0, line = 1; at < bytes.length; line++) {
    let end = bytes.indexOf(0x0a, at);
    if (end < 0) {
      end = bytes.length;
      cut = true;
    }
    const event = parseRecord(bytes.toString('utf8', at, end));
    if (event) {
      if (event.e === 'build' && event.v !== JOURNAL_VERSION)
        throw new Failure(
          `${file}: journal of version ${String(event.v)}, this loglin reads version ${JOURNAL_VERSION}; use the loglin that wrote it`,
        );
      events.push(event);
      if (cut) cut = false;
    } else if (!cut) {
      problems.push(`${file}:${line}: not a record of a journal`);
    }
    at = end + 1;
  }
  return { events, problems, cut };
}

function parseRecord(line: string): BuildEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('e' in value) || !KINDS.has(value.e as string))
      return undefined;
    return value as BuildEvent;
  } catch {
    return undefined;
  }
}
